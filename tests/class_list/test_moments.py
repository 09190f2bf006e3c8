"""Tests of autograder/class_list/moments.py: a time in each of Moodle's languages, what says none, months cut short."""

from __future__ import annotations

import pytest

from autograder.class_list.moments import moment, month


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-02T22:37",
        "Wednesday, 2 December 2026, 10:37 PM",
        "Mittwoch, 2. Dezember 2026, 22:37",
        "miércoles, 2 de diciembre de 2026, 22:37",
        "mercredi 2 décembre 2026, 22:37",
        "mercoledì, 2 dicembre 2026, 22:37",
        "woensdag, 2 december 2026, 22:37 PM",
        "quarta-feira, 2 de dezembro de 2026 às 22:37",
        "dimecres, 2 de desembre 2026, 22:37",
        "среда, 2 декабря 2026, 22:37",
        "Çarşamba, 2 Aralık 2026, 10:37 p.m.",
        "수요일, 2 12월 2026, 10:37 오후",
        "2026년 12월 02일, 수요일, 오후 10:37",
        "2026年 12月 2日(水曜日) 22:37",
        "2026年12月2日 星期三 22:37",
    ],
)
def test_one_time_in_many_languages(text: str) -> None:
    found = moment(text)
    assert found is not None
    assert found.isoformat() == "2026-12-02T22:37:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thursday, 1 January 2026, 12:05 AM", "2026-01-01T00:05:00"),
        ("Thursday, 1 January 2026, 22:05:07", "2026-01-01T22:05:07"),
        ("2026년 1월 1일 오후 10시 5분", "2026-01-01T22:05:00"),
        ("2026年1月1日 22時", "2026-01-01T22:00:00"),
        ("Thursday, 1 January 2026, 12:05 PM", "2026-01-01T12:05:00"),
        ("목요일, 1 1월 2026, 12:05 오전", "2026-01-01T00:05:00"),
        ("2026-12-12 23:59:30 UTC", "2026-12-12T23:59:30+00:00"),
    ],
)
def test_noon_midnight_and_zones(text: str, expected: str) -> None:
    found = moment(text)
    assert found is not None
    assert found.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "yesterday", "02.12.2026 10:37", "12/02/2026 10:37", "2 December 2026", "32 December 2026, 10:37"),
        *("3 May or 4 June 2026, 10:37", "2 3 May 2026, 10:37", "May or June 3 2026, 10:37", "2 December 2026, 25:00"),
    ],
)
def test_what_says_no_time_or_more_than_one(text: str) -> None:
    assert moment(text) is None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "jan Januar ene gen janv"),
        (2, "feb fév fev"),
        (3, "mar mär maa mrt"),
        (4, "apr avr abr"),
        (5, "may mai mei maj mag"),
        (6, "jun juin giu"),
        (7, "jul juil lug"),
        (8, "aug août ago"),
        (9, "sep Sept set"),
        (10, "oct okt out ott"),
        (11, "nov"),
        (12, "dec dez déc dic"),
        (0, "ma jui smarch novembers"),
    ],
)
def test_a_month_may_be_cut_short(number: int, words: str) -> None:
    assert {month(word) for word in words.split()} == {number}
