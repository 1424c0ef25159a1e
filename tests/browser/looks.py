"""The looks that a page is seen in, and what is wrong with where things are in each.

A page is loaded once and changes its looks. Large text is what a person sets in the browser: the
size of text that pages start from, not a zoom; style sheets' own `rem` and `em` follow it, those in
media queries too. The scheme moves nothing, so each size is seen in one scheme in a language and in
the other scheme in the other; axe, which sees colours, is asked in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

GEOMETRY = (Path(__file__).parent / "geometry.js").read_text().rstrip().rstrip(";")
SIZES = [(360, 780), (412, 915), (780, 360), (768, 1024), (1440, 900)]
SCHEMES = ["light", "dark"]
PLAIN, LARGE = 100, 200  # per cent
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# Where the first photo of a gallery may begin, and where the main button must be in sight.
PHOTO_WITHIN = {
    (360, 780, PLAIN): 200,
    (360, 780, LARGE): 250,
    (780, 360, PLAIN): 200,
    (1440, 900, PLAIN): 220,
}
MAIN_WITHIN = [(360, 780), (780, 360)]
# What has moved by itself since the page began to load; read before the test moves anything.
SHIFTS = """
    window.shifts = [];
    const nameOf = (node) => node?.className || node?.localName || node?.nodeName;
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries()) {
        const moved = sources.map(({ node }) => nameOf(node)).join(", ");
        window.shifts.push(`moved by ${value.toFixed(4)} while it loaded: ${moved}`);
      }
    }).observe({ type: "layout-shift", buffered: true });
"""


@dataclass(frozen=True)
class Look:
    size: tuple[int, int]
    scheme: str
    text: int

    def __str__(self) -> str:
        return f"{self.size[0]}x{self.size[1]}, {self.scheme}, {self.text} %"


def looks(first_scheme: str) -> Iterator[Look]:
    """Each size with plain and with large text, in schemes that take turns."""
    turn = SCHEMES.index(first_scheme)
    for place, (text, size) in enumerate(product([PLAIN, LARGE], SIZES)):
        yield Look(size, SCHEMES[(place + turn + (text == LARGE)) % 2], text)


class Glass:
    """A page that can be given another look."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self._session = page.context.new_cdp_session(page)
        self._text = PLAIN

    def wear(self, look: Look) -> None:
        width, height = look.size
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=look.scheme)
        if look.text != self._text:
            sizes = {"standard": 16 * look.text // 100, "fixed": 13 * look.text // 100}
            self._session.send("Page.setFontSizes", {"fontSizes": sizes})
            self._text = look.text

    def misplaced(self, look: Look, *, gallery: bool, main: str | None) -> list[str]:
        self.wear(look)
        is_plain = look.text == PLAIN
        wanted = {
            "photo": PHOTO_WITHIN.get((*look.size, look.text)) if gallery else None,
            "main": main if look.size in MAIN_WITHIN and is_plain else None,
        }
        return list(self.page.evaluate(GEOMETRY, wanted))

    def violations(self) -> Iterator[str]:
        """What axe says of the page as it looks now."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(Axe().axe_script)
        for found in self.page.evaluate("rules => axe.run(rules)", RULES)["violations"]:
            for node in found["nodes"]:
                yield f"{found['id']}: {node['target']} {node['failureSummary']}"
