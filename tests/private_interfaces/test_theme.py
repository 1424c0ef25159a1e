"""What the desk's theme, unfold, did not promise FindMe; docs/private-interfaces.md says why.

Each test fails when the theme changes what it names.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template import engines
from django.urls import reverse
from unfold.settings import get_config
from unfold.templatetags import unfold as theme

from events.models import User
from tests.private_interfaces.sources import ROOT, ours, theme_templates


def test_the_theme_has_the_templates_that_ours_build_on():
    named = {
        name
        for text in ours("templates", ".html").values()
        for name in re.findall(r'"((?:unfold|admin)/[\w/]+\.html)"', text)
    }
    assert "unfold/layouts/unauthenticated.html" in named
    assert [name for name in named if not (theme_templates() / name).exists()] == []
    replaced = [path.relative_to(ROOT / "templates") for path in ours("templates/unfold", ".html")]
    assert [str(name) for name in replaced] == ["unfold/helpers/header_title.html"]
    assert (theme_templates() / replaced[0]).exists()


def test_the_theme_has_the_blocks_that_ours_fill():
    offered = {
        block
        for path in (theme_templates() / "admin", theme_templates() / "unfold")
        for text in (one.read_text() for one in path.rglob("*.html"))
        for block in re.findall(r"{% block ([\w-]+)", text)
    }
    filled = {
        block
        for text in ours("templates", ".html").values()
        if re.match(r'{% extends "(admin|unfold)/', text)
        for block in re.findall(r"{% block ([\w-]+)", text)
    }
    assert {"form_before", "form_after", "nav-global-side"} <= filled
    assert filled - offered == set()


def test_the_path_at_a_pages_head_is_made_of_parts(rf, organizer):
    request = rf.get("/")
    request.current_app = "admin"
    assert theme.header_title.__module__ == theme.__name__
    template = engines["django"].from_string("{% load unfold %}{% header_title %}")
    html = template.render({"opts": User._meta, "original": organizer}, request)
    assert str(organizer) in html
    assert f'href="{reverse("admin:events_user_changelist")}"' in html
    room = reverse("admin:app_list", args=["events"])
    assert f'href="{room}"' not in html  # the part that ours leaves out


def test_the_theme_has_the_colours_that_ours_use():
    used = {
        tuple(name.split("-"))
        for text in ours("static", ".css").values()
        for name in re.findall(r"var\(--color-([\w-]+)", text)
    }
    offered = get_config()["COLORS"]
    assert {name for name, _ in used} == {"base", "primary"}
    assert [name for name, weight in used if weight not in offered[name]] == []
    skeleton = (theme_templates() / "unfold" / "layouts" / "skeleton.html").read_text()
    assert "--color-{{ name }}-{{ weight }}" in skeleton
    assert skeleton.count("<style") == 1  # in `{% if colors %}`, which ours are not
    assert "{% if colors %}" in skeleton


def test_our_colours_are_all_that_the_theme_writes_with():
    ours = (ROOT / "static" / "events" / "desk" / "colors.css").read_text()
    offered = get_config()["COLORS"].items()
    names = {f"{name}-{weight}" for name, weights in offered for weight in weights}
    assert set(re.findall(r"--color-([\w-]+):", ours)) == names


def test_the_theme_has_no_script_inside_its_pages():
    """`unfold_crispy` is not installed."""
    pages = [
        *theme_templates().glob("admin/**/*.html"),
        *theme_templates().glob("unfold/**/*.html"),
    ]
    assert len(pages) > 100
    texts = [page.read_text() for page in pages]
    assert [text for text in texts if re.search(r"<script(?![^>]*\bsrc=)| on\w+=\"", text)] == []


def test_the_theme_has_the_classes_that_ours_use():
    styles = Path(finders.find("unfold/css/styles.css")).read_text().replace("\\", "")
    used = {
        name
        for path in ("unfold/helpers/header_title.html", "admin/login.html")
        for classes in re.findall(r'class="([^"]*)"', (ROOT / "templates" / path).read_text())
        for name in classes.split()
        if not name.startswith("desk-")
    }
    assert {"material-symbols-outlined", "w-full"} <= used
    assert [name for name in used - {"submit-row"} if f".{name}" not in styles] == []
    assert ":where(.dark,.dark *)" in styles
