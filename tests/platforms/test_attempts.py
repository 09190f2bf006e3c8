"""Tests of autograder/platforms/attempts.py: times in words, and what is said of earlier attempts."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.platforms.attempts import read_time, told

LATE = datetime(2026, 11, 26, 23, 59)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nov 26, 2026 1159 PM", LATE),
        ("November 26, 2026 11:59 PM", LATE),
        ("Nov. 26, 2026 11.59 p.m.", LATE),
        ("26 November, 2026 2359", LATE),
        ("26 November 2026 23:59", LATE),
        ("26. November 2026 23:59:00", LATE),
        ("26 nov. 2026 2359", LATE),
        ("26 de noviembre de 2026 2359", LATE),
        ("2026-11-26 2359", LATE),
        ("Feb 1, 2026 205 AM", datetime(2026, 2, 1, 2, 5)),
        ("Sep 1, 2026 0741 PM", datetime(2026, 9, 1, 19, 41)),
        ("Sep 1, 2026 1200 AM", datetime(2026, 9, 1)),
        ("Sep 1, 2026 1200 PM", datetime(2026, 9, 1, 12)),
        ("1 août 2026 005", datetime(2026, 8, 1, 0, 5)),
        ("1 aou\u0302t 2026 005", datetime(2026, 8, 1, 0, 5)),
        ("1 März 2026 005", datetime(2026, 3, 1, 0, 5)),
        ("1 juin 2026 1205", datetime(2026, 6, 1, 12, 5)),
        ("1 juil. 2026 1205", datetime(2026, 7, 1, 12, 5)),
        ("Feb 30, 2026 205 AM", None),
        ("Sep 1, 2026 1300 PM", None),
        ("Sep 1, 2026 2460", None),
        ("Smarch 1, 2026 1200", None),
        ("Nov 26, 2026", None),
        ("x Nov 26, 2026 1159 PM", None),
        ("", None),
    ],
)
def test_times_in_words(text: str, expected: datetime | None) -> None:
    assert read_time(text) == expected


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1)), st.sampled_from(["%b %d, %Y %I%M %p", "%d %B %Y %H%M"])
)
def test_a_time_is_read_as_it_was_written(time: datetime, form: str) -> None:
    assert read_time(time.strftime(form)) == time.replace(second=0, microsecond=0)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    read_time(text)
    read_time(text, alone=False)


def test_what_only_an_earlier_attempt_has_is_told() -> None:
    assert told(1, ["a.py"], []) == {"remarks": (), "note": ""}
    several = told(2, ["a.py"], ["a.py"])
    assert several == {"remarks": ("Of 2 attempts the last counts.",), "note": ""}
    lost = told(3, ["a.py"], [*"hgfedcb", "a.py", "b"])
    assert lost["remarks"] == ("Of 3 attempts the last counts.",)
    assert lost["note"] == "Only an attempt before the one that counts has b, c, d, e, f and 2 more."
