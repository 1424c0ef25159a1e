"""What scripts may import, and what each of them may know."""

from __future__ import annotations

import posixpath
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(__file__).resolve().parent.parent / "static"
# Each folder of scripts may import from those before it, and from itself.
FOLDERS = [
    "site",
    "events",
    "photos/intake",
    "photos/delivery",
    "photos/gallery",
    "photos/desk",
    "faces",
    "pages",
]
LONGEST = {"*.js": 350, "*.css": 300}
IMPORT = re.compile(r"""\b(?:from|import)\s*(?:\(|url\()?\s*["'](?P<path>\.[^"']*)["']""")


def sources(pattern: str = "*.js") -> dict[str, str]:
    return {path.relative_to(STATIC).as_posix(): path.read_text() for path in STATIC.rglob(pattern)}


def test_the_csrf_token_is_found_in_one_place():
    finds = re.compile(r"document\.cookie(?! =)|X-CSRFToken|name=csrfmiddlewaretoken")
    users = {name for name, source in sources().items() if finds.search(source)}
    assert users == {"site/csrf.js"}


def test_scripts_read_the_cookie_that_django_sets():
    named = re.search(r"const COOKIES = (\[.*\]);", sources()["site/csrf.js"])
    assert named
    assert named[1] == f'["__Host-csrftoken", "{settings.CSRF_COOKIE_NAME}"]'
    assert not settings.CSRF_COOKIE_HTTPONLY
    assert not settings.CSRF_USE_SESSIONS


def rank(name: str) -> int:
    return next(place for place, folder in enumerate(FOLDERS) if name.startswith(f"{folder}/"))


def imports(name: str, source: str) -> list[str]:
    return [
        posixpath.normpath(posixpath.join(posixpath.dirname(name), found["path"]))
        for found in IMPORT.finditer(source)
    ]


def upward(name: str, source: str) -> list[str]:
    return [other for other in imports(name, source) if rank(other) > rank(name)]


def test_scripts_import_one_way():
    wrong = {name: found for name, source in sources().items() if (found := upward(name, source))}
    assert wrong == {}


@pytest.mark.parametrize(
    "line",
    [
        'import { Faces } from "../../faces/guest/faces.js";',
        "import '../gallery/selection-bar.js'",
        'import {\n  pages,\n} from "../gallery/gallery.js";',
        'const { pages } = await import("../gallery/gallery.js");',
    ],
)
def test_an_import_upwards_is_seen_in_scripts(line):
    assert upward("photos/delivery/sharing.js", line)
    assert not upward("faces/guest/viewer.js", line)


def test_what_scripts_import_is_there():
    everything = sources()
    missing = {
        name: absent
        for name, source in everything.items()
        if (absent := set(imports(name, source)) - set(everything))
    }
    assert missing == {}


def test_every_script_and_style_is_in_a_bundle():
    """What no page names is never served: it is forgotten, or nobody needs it."""
    everything = {**sources(), **sources("*.css")}
    named = {other for name, source in everything.items() for other in imports(name, source)}
    assert {name for name in everything if not name.startswith("pages/")} == named


def test_scripts_do_not_import_in_circles():
    edges = {name: imports(name, source) for name, source in sources().items()}
    TopologicalSorter(edges).prepare()  # raises CycleError


@pytest.mark.parametrize("pattern", LONGEST)
def test_scripts_and_styles_are_short(pattern):
    lengths = {name: len(source.splitlines()) for name, source in sources(pattern).items()}
    assert {name: n for name, n in lengths.items() if n > LONGEST[pattern]} == {}


def test_what_is_hidden_from_eyes_only_is_written_once():
    users = {name for name, source in sources("*.css").items() if "clip-path: inset(50%)" in source}
    assert users == {"site/visually-hidden.css"}


def test_the_desk_names_its_dark_colours_in_one_place():
    users = {name for name, source in sources("*.css").items() if ".dark" in source}
    assert users == {"events/desk/tokens.css"}
