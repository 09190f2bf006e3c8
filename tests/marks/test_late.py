"""Tests of autograder/marks/late.py: days, grace, cap, extensions, and when it is not known."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import About, QuestionResult, Result, Status
from autograder.marks.late import Policy, lateness, policy_of, read_policy, read_times
from autograder.platforms.registry import LISTS

DUE = datetime.fromisoformat("2026-12-12T23:59:00+01:00")
POLICY = Policy(DUE, grace=1, percent=10, cap=50, extensions={"ann": 2})


@pytest.mark.parametrize(
    ("student", "submitted", "days", "taken_off"),
    [
        ("bob", "2026-12-12T23:59:00+01:00", 0, 0),
        ("bob", "2026-12-12T22:59:59+00:00", 0, 0),
        ("bob", "2026-12-12T23:00:00+00:00", 1, 0),
        ("bob", "2026-12-13T23:59:00", 1, 0),  # without a zone: the due time's
        ("bob", "2026-12-13T23:59:59+01:00", 1, 0),
        ("bob", "2026-12-14T00:00:00+01:00", 2, 10),
        ("bob", "2026-12-16T12:00:00+01:00", 4, 30),
        ("bob", "2027-03-01T12:00:00+01:00", 79, 50),
        ("ann", "2026-12-14T23:59:00+01:00", 0, 0),
        ("ann", "2026-12-16T12:00:00+01:00", 2, 10),
    ],
)
def test_what_a_late_hand_in_costs(student: str, submitted: str, days: int, taken_off: float) -> None:
    assert POLICY.days_late(student, datetime.fromisoformat(submitted)) == days
    assert POLICY.taken_off(days) == taken_off


def test_the_course_says_it(tmp_path: Path) -> None:
    path = tmp_path / "course.toml"
    path.write_text('term = "x"\n')
    assert read_policy(path) is None
    path.write_text(
        "[late]\ndue = 2026-12-12T23:59:00+01:00\ngrace = 1\npercent = 10\ncap = 50\n[late.extensions]\nann = 2\n"
    )
    assert read_policy(path) == POLICY


@pytest.mark.parametrize(
    "table",
    [
        3,
        {},
        {"due": "tomorrow"},
        {"due": datetime.fromisoformat("2026-12-12T23:59:00")},
        {"due": DUE, "percent": -1},
        {"due": DUE, "percent": 101},
        {"due": DUE, "cap": 1000},
        {"due": DUE, "percent": "ten"},
        {"due": DUE, "extensions": {"ann": "2 days"}},
        {"due": DUE, "extensions": 3},
        {"due": DUE, "minutes": 3},
    ],
)
def test_a_policy_that_can_not_be_meant_is_refused(table: object) -> None:
    with pytest.raises(AutograderError, match=r"\[late\]"):
        policy_of(table, {})


@pytest.mark.parametrize(
    ("course", "due", "fits"),
    [
        ({}, "2031-01-01T00:00:00+01:00", True),
        ({"due": "12 December 2026, 23:59"}, "2026-12-12T23:59:00+01:00", True),
        ({"due": "12 December 2026, 23:59"}, "2025-12-12T23:59:00+01:00", False),
        ({"due": "12 December 2026, 23:59"}, "2026-11-12T23:59:00+01:00", False),
        ({"due": "12. Dezember, 23:59 Uhr"}, "2026-11-12T23:59:00+01:00", False),
        ({"due": "midnight of 31 December 2026"}, "2027-01-01T00:00:00+01:00", True),
        ({"due": "in week 50"}, "2026-12-12T23:59:00+01:00", True),
        ({"due": "12 December 2026, 23:59"}, "2026-12-13T23:59:00+01:00", False),
        ({"due": "Saturday 12. Dezember, 11 pm"}, "2026-12-12T23:00:00+01:00", True),
        ({"due": "12 December 2026, 23:59"}, "2026-12-12T18:00:00+01:00", False),
        ({"due": "12 December 2026, 11:59 p.m."}, "2026-12-12T23:59:00+01:00", True),
        ({"due": "12 December 2026, 24:00"}, "2026-12-12T23:59:00+01:00", True),
        ({"due": "12 December 2026, 23:59 (UTC+01:00)"}, "2026-12-12T23:59:00+01:00", True),
        ({"due": "2026년 12월 12일 23:59까지"}, "2026-12-12T23:59:00+09:00", True),
        ({"due": "2026년 12월 12일 오후 11시 59분"}, "2026-12-12T23:59:00+09:00", True),
        ({"due": "2026년 11월 12일 23:59"}, "2026-12-12T23:59:00+09:00", False),
        ({"due": "2026년 12월 19일 23:59"}, "2026-12-12T23:59:00+09:00", False),
        ({"due": "2026년 12월 12일 오후 11시"}, "2026-12-12T23:59:00+09:00", False),
        ({"term": "2026년 2학기"}, "2026-12-12T23:59:00+09:00", True),
        ({"term": "2026 fall"}, "2027-12-12T23:59:00+01:00", False),
        ({"term": "2026 fall"}, "2027-01-15T23:59:00+01:00", True),
        ({"term": "2026 fall"}, "2025-12-12T23:59:00+01:00", False),
    ],
)
def test_the_due_time_is_the_handouts(course: dict[str, str], due: str, fits: bool) -> None:
    table = {"due": datetime.fromisoformat(due)}
    if fits:
        assert policy_of(table, course).due == table["due"]
    else:
        with pytest.raises(AutograderError, match=r"and the (handout is due|term is) "):
            policy_of(table, course)


def test_an_extension_is_for_somebody() -> None:
    POLICY.demand_known({"ann", "bob"})
    with pytest.raises(AutograderError, match="names ann, who is not in the class"):
        POLICY.demand_known({"bob"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("id,submitted\nann,2026-12-12 23:59\n", "2026-12-12T23:59:00"),
        ("id;submitted\nann;2026-12-12T23:59:00+01:00\n", "2026-12-12T23:59:00+01:00"),
        (
            "Identifier,Full name,Last modified (submission)\n"
            'Participant 7,Ann,"Saturday, 12 December 2026, 11:59 PM"\n'
            "Participant 8,Bo,-\n",
            "2026-12-12T23:59:00",
        ),
        (
            "ID,Vollständiger Name,Zuletzt geändert (Abgabe)\n"
            'Teilnehmer/in7,Ann,"Samstag, 12. Dezember 2026, 23:59"\nTeilnehmer/in8,Bo,-\n',
            "2026-12-12T23:59:00",
        ),
        (
            '식별자,전체 이름,마지막 수정됨(제출)\n참가자7,Ann,"토요일, 12 12월 2026, 11:59 오후"\n',
            "2026-12-12T23:59:00",
        ),
    ],
)
def test_times_from_a_list(tmp_path: Path, text: str, found: str) -> None:
    (tmp_path / "times.csv").write_text(text)
    assert list(read_times(tmp_path / "times.csv", LISTS).values()) == [datetime.fromisoformat(found)]


@pytest.mark.parametrize("text", ["id,when\nann,x\n", "id,submitted\nann,yesterday\n", "who,submitted\nann,x\n"])
def test_a_list_without_times_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "times.csv").write_text(text)
    with pytest.raises(AutograderError):
        read_times(tmp_path / "times.csv", LISTS)


def result(student: str, score: float, about: About) -> Result:
    question = QuestionResult("1.2", "Loss", score, 20, ())
    return Result(student, Status.OK, 70, 0.1, (question,), "", about=about)


def test_the_list_counts_before_the_platform() -> None:
    results = [
        result("in time", 5, About(late=False)),
        result("unknown", 5, About(late=True)),
        result("nothing", 0, About()),
        result("platform", 5, About(submitted="2026-12-13T12:00:00+01:00")),
        result("listed", 5, About(submitted="2026-12-13T12:00:00+01:00")),
    ]
    found = lateness(POLICY, results, {"listed": DUE})
    assert found.days == {"in time": 0, "nothing": 0, "platform": 1, "listed": 0}
    assert found.unknown == ["unknown"]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (POLICY, "1 day late costs nothing. Each day begun after that costs 10 % of the score, 50 % at most."),
        (Policy(DUE, percent=5), "Each day begun late costs 5 % of the score."),
    ],
)
def test_students_read_it(policy: Policy, words: str) -> None:
    assert policy.words == f"Late hand-ins: {words}"
