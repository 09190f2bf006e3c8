"""Helps with downloads that hold every attempt: reads times in words, and words remarks on earlier attempts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

from autograder.class_list.moments import month

_MOST_LISTED = 5
_WRITTEN = re.compile(
    r"(?:(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"
    r"|(?:(?P<month>[^\W\d_]+)\.? (?P<day>\d{1,2})|(?P<first>\d{1,2})\.? (?:de )?(?P<then>[^\W\d_]+)\.?),?"
    r" (?:de )?(?P<year>\d{4})),? "
    r"(?P<hour>\d{1,2})[:.]?(?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?: ?(?P<half>[ap])\.?m\b\.?)?",
    re.IGNORECASE,
)


def read_time(text: str, *, alone: bool = True) -> datetime | None:
    """Read a time like `Nov 26, 2026 1159 PM`, `26 November 2026 23:59:10` or `2026-11-26 2359`; None for others.

    A month is in any of the languages of `moments`, short or whole. Without `alone`, other text may be around it.
    """
    text = unicodedata.normalize("NFC", text)
    match = _WRITTEN.fullmatch(text) if alone else _WRITTEN.search(text)
    if match is None:
        return None
    number = int(match["m"]) if match["m"] else month(match["month"] or match["then"])
    day = int(match["d"] or match["day"] or match["first"])
    hour, half = int(match["hour"]), (match["half"] or "").casefold()
    if half:
        hour = hour % 12 + 12 * (half == "p") if 1 <= hour <= 12 else 24
    try:
        return datetime(
            int(match["y"] or match["year"]), number, day, hour, int(match["minute"]), int(match["second"] or 0)
        )
    except ValueError:
        return None


class Told(TypedDict):
    """The fields of a Submission about attempts."""

    remarks: tuple[str, ...]
    note: str


def told(attempts: int, counted: Sequence[str], earlier: Sequence[str]) -> Told:
    """Say of a student with several attempts that the last counts, and which files only came before it."""
    lost = sorted({*earlier} - {*counted})
    listed = ", ".join(lost[:_MOST_LISTED]) + (f" and {len(lost) - _MOST_LISTED} more" if lost[_MOST_LISTED:] else "")
    return Told(
        remarks=(f"Of {attempts} attempts the last counts.",) if attempts > 1 else (),
        note=f"Only an attempt before the one that counts has {listed}." if lost else "",
    )
