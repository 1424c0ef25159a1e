"""How well guests are found: python benchmarks/finding.py DIR [--half test] [--json FILE]

    python benchmarks/finding.py --synthetic party|profiles|many [--seed 0]

DIR holds a folder for each person (DIR/<person>/*.jpg) and, if there are any, group photos in
DIR/group with labels.json: {"file.jpg": {"ids": ["<person>", ...]}}. Who has two pictures or more
is a guest, and one of them (then two) is the selfie; all other pictures are the event. People are
split by a hash of their names: constants may be chosen by those of `tune`, and are judged by those
of `test`. The figures are means of three choices of selfie. All goes through the product's own
code: ingest, scan, the selfie check, enrolling, matching; beside it stands what the product said of
the same faces before it matched them as a set.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from finding_parties import CHOSE, Map, PhotoParty, TemplateParty, make_event, spread
from finding_people import HALVES, WAYS, event_of, people_in
from finding_scores import as_found, mean, score, the_old_way
from finding_synthetic import MANY, PARTY, PROFILES, make_party
from scratch import scratch_database

RECIPES = {"party": PARTY, "profiles": PROFILES, "many": MANY}
# Rows of the table: what it says, the old way's figure, SURE's, and SURE's with ASKED.
ROWS = (
    ("precision, %", "precision", "precision", ""),
    ("recall, %", "recall", "recall", "recall_with_asked"),
    ("recall, refused guests too, %", "recall_of_all", "recall_of_all", "recall_of_all_with_asked"),
    ("guests with all their photos, %", *["guests_with_all"] * 2, "guests_with_all_with_asked"),
    ("guests with a stranger, %", *["guests_with_a_stranger"] * 2, ""),
    ("guests with none, %", *["guests_with_none"] * 2, ""),
)


def main() -> None:
    options = arguments()
    with scratch_database(), spread(options.workers if options.dir else 0) as results:
        party = photo_party(options, results) if options.dir else template_party(options)
        figures = measure(party, choices=options.choices, selfies=options.selfies)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", type=Path, nargs="?")
    parser.add_argument("--synthetic", choices=RECIPES, help="a made-up party instead of DIR")
    parser.add_argument("--seed", type=int, default=0, help="of the made-up party")
    parser.add_argument("--guests-only", action="store_true", help="at the made-up party")
    parser.add_argument("--half", choices=HALVES, default="test")
    parser.add_argument("--limit", type=int, help="people at most")
    parser.add_argument("--photos", type=int, help="pictures of each at most")
    parser.add_argument("--choices", type=int, default=3, help="of selfies, the mean is told")
    parser.add_argument("--selfies", type=int, choices=(1, 2), default=2)
    parser.add_argument("--threshold", type=float, help="the event's, if not the default")
    parser.add_argument(
        "--spoil", choices=("instead", "besides"), help=f"photos: {', '.join(WAYS)}"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=Path, help="a file for the figures")
    options = parser.parse_args()
    if bool(options.dir) == bool(options.synthetic):
        parser.error("either DIR or --synthetic")
    return options


def photo_party(options: argparse.Namespace, results: Map) -> PhotoParty:
    people = people_in(options.dir, half=options.half, limit=options.limit, photos=options.photos)
    if not any(len(paths) > 1 for paths in people.values()):
        sys.exit(f"{options.dir}: nobody of this half has two pictures")
    ways = WAYS if options.spoil else ()
    pictures = event_of(options.dir, people, ways, as_it_is=options.spoil == "besides")
    party = PhotoParty(make_event(match_threshold=options.threshold), people, pictures, results)
    party.take_in()
    return party


def template_party(options: argparse.Namespace) -> TemplateParty:
    templates = make_party(RECIPES[options.synthetic], options.seed)
    indexing = "guests_only" if options.guests_only else None
    event = make_event(match_threshold=options.threshold, indexing=indexing)
    return TemplateParty(event, templates)


def measure(party: PhotoParty | TemplateParty, *, choices: int, selfies: int) -> dict[str, Any]:
    """The figures by number of selfies, "old" and "new", and what the party was."""
    started = time.monotonic()
    found: dict[tuple[int, str], list[dict[str, float]]] = defaultdict(list)
    refused: Counter[str] = Counter()
    given = guests = 0
    for choice in range(choices):
        for count, asked in enumerate(party.rounds(choice, selfies), start=1):
            for way, result in (
                ("old", the_old_way(party.event, party.mean)),
                ("new", as_found(party.event)),
            ):
                found[count, way].append(score(asked.truth, result, asked.unserved))
            if count == 1:
                refused, given, guests = refused + asked.refused, given + asked.guests, asked.guests
            print(f"choice {choice + 1}, selfies {count}: done", file=sys.stderr, flush=True)
    chose = refused.pop(CHOSE, 0)
    return {
        "guests": guests,
        **party.counts(),
        "selfies": {
            str(count): {way: mean(found[count, way]) for way in ("old", "new")}
            for count in range(1, selfies + 1)
        },
        "refused": {code: number / given for code, number in refused.most_common()},
        CHOSE: chose / given,
        "seconds_of_enrolling_and_matching": time.monotonic() - started,
    }


def table(figures: dict[str, Any]) -> str:
    """Markdown."""
    columns = figures["selfies"]
    head = [f"{count} selfie{'s' * (count != '1')}: {c}" for count in columns for c in COLUMNS]
    lines = ["", "| | " + " | ".join(head) + " |", "|---" * (len(head) + 1) + "|"]
    for name, *keys in ROWS:
        cells = [_cell(columns[count], keys) for count in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    for count, ways in columns.items():
        new = ways["new"]
        right = f"{100 * new['questions_right']:.0f} % right" if new["questions"] else "none"
        lines += ["", f"Questions a guest (selfies: {count}): {new['questions']:.2f}, {right}."]
    refused = [f"{code} {100 * part:.1f} %" for code, part in figures["refused"].items()]
    chose = f"asked which face: {100 * figures[CHOSE]:.1f} %"
    lines += ["", f"First selfies refused: {', '.join(refused) or 'none'}; {chose}."]
    counts = {name: count for name, count in figures.items() if isinstance(count, int)}
    lines += ["", ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in counts.items()) + "."]
    return "\n".join(lines)


COLUMNS = ("old way", "SURE", "SURE + ASKED")


def _cell(ways: dict[str, dict[str, float]], keys: list[str]) -> str:
    """One row's figures for one number of selfies."""
    of_way = zip(("old", "new", "new"), keys, strict=True)
    return " | ".join(f"{100 * ways[way][key]:.2f}" if key else "" for way, key in of_way)


if __name__ == "__main__":
    main()
