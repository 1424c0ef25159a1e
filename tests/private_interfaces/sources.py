"""Our own files and those of the theme, in which the tests look names up."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent.parent


def theme_templates() -> Path:
    return Path(apps.get_app_config("unfold").path) / "templates"


def ours(folder: str, suffix: str) -> dict[Path, str]:
    return {path: path.read_text() for path in sorted((ROOT / folder).rglob(f"*{suffix}"))}
