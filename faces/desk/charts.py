"""Small bar charts, drawn on the server: shapes for an SVG, whose colours are the page's."""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 600, 120


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True)
class Chart:
    """`bars` fill a box of `WIDTH` by `HEIGHT`; empty units have none."""

    name: str
    label: str
    total: int
    highest: int
    bars: list[Bar]
    summary: str


def bars(values: list[int], titles: list[str]) -> list[Bar]:
    """One bar a value, as high as its part of the highest, and never too thin to be seen."""
    highest = max(values, default=0)
    if not highest:
        return []
    step = WIDTH / len(values)
    width = min(max(step * 0.8, 1), 40)
    return [
        _bar(x=index * step + (step - width) / 2, width=width, part=value / highest, title=title)
        for index, (value, title) in enumerate(zip(values, titles, strict=True))
        if value
    ]


def _bar(*, x: float, width: float, part: float, title: str) -> Bar:
    height = max(part * HEIGHT, 2)
    return Bar(round(x, 2), round(HEIGHT - height, 2), round(width, 2), round(height, 2), title)
