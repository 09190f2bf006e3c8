"""Reads a time as lists have it: ISO 8601, or as Moodle writes it in the language of the site."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
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
"""A month by its name, in small letters."""
_SHORTEST = 3
"""Letters of a month's name that say which it is."""
_HALVES = {"am": 0, "오전": 0, "午前": 0, "上午": 0, "pm": 12, "오후": 12, "午後": 12, "下午": 12}
_CLOCK = re.compile(r"\b(\d{1,2}):(\d\d)(?::(\d\d))?\b")
_MERIDIEM = re.compile(r"\b([ap])\.? ?m\b")
_NUMBERED_MONTH = re.compile(r"(\d{1,2}) ?[월月]")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")


def month(word: str) -> int:
    """The month, 1 to 12, whose name in one of the languages is or begins with `word`; 0 where none or several do."""
    word = word.casefold()
    found = {number for name, number in MONTHS.items() if name.startswith(word)} if len(word) >= _SHORTEST else set()
    return found.pop() if len(found) == 1 else 0


def moment(text: str) -> datetime | None:
    """The time that a cell says; None where it says none, or may say two. Without a zone it has none."""
    with suppress(ValueError):
        return datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" * text.endswith(" UTC"))
    return _in_words(_MERIDIEM.sub(r"\1m", unicodedata.normalize("NFKC", text).casefold()))


def _in_words(text: str) -> datetime | None:
    """`Dienstag, 2. Dezember 2025, 10:37`, in any language of the table; the month is in words, so no day can be it."""
    clock, year, numbered = _CLOCK.search(text), _YEAR.search(text), _NUMBERED_MONTH.search(text)
    words = re.findall(r"[^\W\d_]+", text)
    months = [MONTHS[word] for word in words if word in MONTHS]
    rest = _YEAR.sub(" ", _CLOCK.sub(" ", text))
    if numbered:
        months = [int(numbered[1])]
        rest = _NUMBERED_MONTH.sub(" ", rest)
    days = re.findall(r"\d+", rest)
    if clock is None or year is None or len(months) != 1 or len(days) != 1:
        return None
    hour = int(clock[1])
    halves = [half for word, half in _HALVES.items() if word in words]
    if halves and hour <= 12:
        hour = hour % 12 + halves[0]
    with suppress(ValueError):
        return datetime(int(year[1]), months[0], int(days[0]), hour, int(clock[2]), int(clock[3] or 0))
    return None
