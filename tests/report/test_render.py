"""The look that both pages share: colours that can be read, prose that cannot break out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.report import render as pages

STYLE = (Path(pages.__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")

PAIRS = [
    *[(text, ground) for text in ("text", "muted", "link") for ground in ("page", "card")],
    *[("text", f"{name}-fill") for name in ("warn", "hint", "note", "code")],
    *[(name, f"{name}-fill") for name in ("good", "bad", "warn", "hint")],
    ("muted", "note-fill"),
]


def colours(scheme: str) -> dict[str, str]:
    """Read the custom properties of a colour scheme; print and dark build on light."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    names = {"light": blocks[:1], "dark": blocks[:2], "print": [blocks[0], blocks[2]]}[scheme]
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", "".join(names)))


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio, from 1 to 21."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(scheme: str, text: str, ground: str) -> None:
    found = colours(scheme)
    assert contrast(found[text], found[ground]) >= 4.5  # WCAG AA


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("bar", ["bar", "bar-full", "bar-zero"])
def test_bars_can_be_seen(scheme: str, bar: str) -> None:
    found = colours(scheme)
    assert contrast(found[bar], found["card"]) >= 3  # WCAG AA for graphics


def test_prose_sets_code_and_nothing_else() -> None:
    assert pages.prose("use `a<b>` & <i>`\x1b`") == (r"use <code>a&lt;b&gt;</code> &amp; &lt;i&gt;<code>\x1b</code>")
