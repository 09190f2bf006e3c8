"""Reads a time as lists write it: in ISO 8601, or as Moodle writes it in the language of the site."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

_NAMES = (
    "january januar janvier enero gennaio januari janeiro gener ocak января",
    "february februar février febrero febbraio februari fevereiro febrer şubat февраля",
    "march märz mars marzo maart mrt março març mart марта",
    "april avril abril aprile nisan апреля",
    "may mai mayo maggio mei maio maig maj mayıs мая",
    "june juni juin junio giugno junho juny haziran июня",
    "july juli juillet julio luglio julho juliol temmuz июля",
    "august août agosto augustus augusti agost ağustos августа",
    "september septembre septiembre settembre setembro setembre eylül сентября",
    "october oktober octobre octubre ottobre outubro ekim октября",
    "november novembre noviembre novembro kasım ноября",
    "december dezember décembre diciembre dicembre dezembro desembre aralık декабря",
)
MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
"""The number of a month by its name in small letters."""
_SHORTEST = 3
"""The fewest letters by which a month's name is recognised."""
_HALVES = {"am": 0, "오전": 0, "午前": 0, "上午": 0, "pm": 12, "오후": 12, "午後": 12, "下午": 12}
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d\d)(?::(\d\d))?(?![\d:])")
_HOUR = re.compile(r"(\d{1,2}) ?[시時时](?: ?(\d{1,2}) ?[분分])?")
_MERIDIEM = re.compile(r"\b([ap])\.? ?m\b")
_NUMBERED_MONTH = re.compile(r"(\d{1,2}) ?[월月]")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")


def month(word: str) -> int:
    """The month, 1 to 12, whose name in one of the languages is or begins with `word`; 0 if none or several do."""
    word = word.casefold()
    found = {number for name, number in MONTHS.items() if name.startswith(word)} if len(word) >= _SHORTEST else set()
    return found.pop() if len(found) == 1 else 0


@dataclass(frozen=True)
class Said:
    """The parts of a time in a text, each in the order of the text; `clocks` are h, min and s."""

    years: tuple[int, ...]
    months: tuple[int, ...]
    days: tuple[int, ...]
    clocks: tuple[tuple[int, int, int], ...]


def said(text: str) -> Said:
    """Read `Dienstag, 2. Dezember 2025, 10:37`, in any language of the table; months are in words or `12월`.

    `days` are all numbers that cannot be anything else.
    """
    text = _MERIDIEM.sub(r"\1m", unicodedata.normalize("NFKC", text).casefold())
    text = _HOUR.sub(lambda found: f"{found[1]}:{found[2] or '00':0>2} ", text)
    words = re.findall(r"[^\W\d_]+", text)
    half = next((half for name, half in _HALVES.items() if name in words), None)
    clocks = tuple(
        (_hour(int(hour), half), int(minute), int(second or 0)) for hour, minute, second in _CLOCK.findall(text)
    )
    numbered = tuple(map(int, _NUMBERED_MONTH.findall(text)))
    rest = _NUMBERED_MONTH.sub(" ", _YEAR.sub(" ", _CLOCK.sub(" ", text)))
    return Said(
        tuple(map(int, _YEAR.findall(text))),
        numbered or tuple(MONTHS[word] for word in words if word in MONTHS),
        tuple(map(int, re.findall(r"\d+", rest))),
        clocks,
    )


def moment(text: str) -> datetime | None:
    """The time in a cell; None if there is none, or if it may mean two. It has a zone only if the cell names one."""
    with suppress(ValueError):
        return datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" * text.endswith(" UTC"))
    found = said(text)
    if found.years and found.clocks and len(found.months) == 1 and len(found.days) == 1:
        with suppress(ValueError):
            return datetime(found.years[0], found.months[0], found.days[0], *found.clocks[0])
    return None


def _hour(hour: int, half: int | None) -> int:
    """The hour of 24; `half` is 0 before noon and 12 after, if the text says so."""
    return hour if half is None or hour > 12 else hour % 12 + half
