"""Tests of autograder/result_json.py."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import autograder
from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import About, Diagnosis, Excerpt, QuestionResult, Result, Status
from autograder.core.result_json import VERSION, Damaged, from_json, to_json

SCHEMA = json.loads((Path(autograder.__file__).parent / "core" / "results.schema.json").read_text("utf-8"))

FULL = Result(
    student="ann",
    status=Status.PROBLEM,
    max_score=70.0,
    seconds=1.23456789,
    questions=(
        QuestionResult(
            id="1.2",
            title="Contrastive loss",
            score=20 / 3,
            max_score=20.0,
            checks=(
                CheckResult("value", Outcome.PASSED, 20 / 3, 10.0, True, "fine"),
                CheckResult("gradient", Outcome.COULD_NOT_RUN, 0.0, 10.0, False, "could not run"),
            ),
            diagnosis=(Diagnosis("sum", "The sum is not the mean."), Diagnosis("sign", "The sign.", certain=False)),
            advisories=("slow",),
            error="a crash",
        ),
    ),
    fingerprint="0f",
    message="One file is missing.",
    excerpts=(Excerpt("1.2", "criterion.py", ((41, "def loss():"), (60, "    return 1"))),),
)


def stored(result: Result = FULL) -> Any:
    return json.loads(json.dumps(to_json(result)))


def test_keys_and_their_order_are_the_contract() -> None:
    data = stored()
    assert list(data) == [
        *("version", "student", "status", "score", "max_score", "seconds", "questions"),
        *("fingerprint", "message", "excerpts"),
        *("name", "email", "group", "late", "submitted", "lateness"),
    ]
    question = data["questions"][0]
    assert list(question) == [
        *("id", "title", "score", "max_score", "checks", "diagnosis", "advisories", "error"),
    ]
    assert list(question["checks"][0]) == ["name", "passed", "points", "max_points", "public", "message", "outcome"]
    assert question["diagnosis"] == [
        {"mistake": "sum", "hint": "The sum is not the mean."},
        {"mistake": "sign", "hint": "The sign.", "certain": False},
    ]


def test_a_repair_has_the_change() -> None:
    repair = Diagnosis("*one edit*", "Line 3 of main.py: look at the sign.", change="-a\n+b")
    result = replace(FULL, questions=(replace(FULL.questions[0], diagnosis=(repair,)),))
    data = stored(result)
    jsonschema.validate(data, SCHEMA)
    assert data["questions"][0]["diagnosis"] == [
        {"mistake": "*one edit*", "hint": "Line 3 of main.py: look at the sign.", "change": "-a\n+b"}
    ]
    assert from_json(data).questions[0].diagnosis == (repair,)


def test_numbers_are_short() -> None:
    text = json.dumps(to_json(FULL))
    assert '"score": 6.6667, "max_score": 70, "seconds": 1.2346' in text
    assert '"score": 6.6667, "max_score": 20, "checks"' in text and '"points": 6.6667, "max_points": 10, "pub' in text


def test_there_and_back() -> None:
    again = from_json(stored())
    assert again.questions[0].diagnosis == FULL.questions[0].diagnosis
    assert again.questions[0].checks[1] == FULL.questions[0].checks[1]
    assert (again.student, again.status, again.message, again.score) == ("ann", FULL.status, FULL.message, 6.6667)
    assert from_json(stored(again)) == again


def test_no_grade_has_no_score() -> None:
    result = Result("ann", Status.ERROR, 70.0, 0.0, (), "", "The worker died.")
    assert stored(result)["score"] is None
    assert from_json(stored(result)) == result


def by_status(status: Status) -> Result:
    """With every outcome of a check, and with everything that may be there or not."""
    checks = tuple(CheckResult(f"{outcome}", outcome, 0.0, 5.0, False, "") for outcome in Outcome)
    question = replace(FULL.questions[0], checks=checks, error=None)
    about = About("Ann Lee", "ann@x.org", "Red", True, "2026-12-12T23:59:40+01:00", "1 day late")
    questions = () if status is Status.ERROR else (*FULL.questions, question)
    return replace(FULL, status=status, questions=questions, about=about)


@pytest.mark.parametrize("status", Status)
def test_the_schema_fits_every_status(status: Status) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(stored(by_status(status)), SCHEMA)
    jsonschema.validate(stored(replace(FULL, status=status, message=None, questions=(), excerpts=())), SCHEMA)


def test_the_schema_names_all_words_and_no_more() -> None:
    result, check = SCHEMA["$defs"]["result"]["properties"], SCHEMA["$defs"]["check"]["properties"]
    assert result["status"]["enum"] == [*Status]
    assert check["outcome"]["enum"] == [*Outcome]
    assert result["version"]["const"] == VERSION
    assert list(result) == list(stored())
    for kind in SCHEMA["$defs"].values():
        assert kind["additionalProperties"] is False
        assert all(one.get("description") for one in kind["properties"].values())


@pytest.mark.parametrize(
    "change",
    [
        {"version": VERSION + 1},
        {"score": None},
        {"status": "error"},
        {"late": "no"},
        {"note": "by hand"},
        {"excerpts": [{}]},
    ],
)
def test_the_schema_refuses(change: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**stored(), **change}, SCHEMA)


def test_what_earlier_runs_wrote_is_read_and_what_later_ones_will_is_not() -> None:
    earlier = {key: value for key, value in stored().items() if key not in ("version", "lateness")}
    assert from_json(earlier) == from_json(stored())
    assert from_json({**stored(), "version": 1}) == from_json(stored())
    with pytest.raises(Damaged):
        from_json({**stored(), "version": VERSION + 1})


def test_what_a_named_mistake_gives_is_kept() -> None:
    question = replace(FULL.questions[0], score=14.0, credited="sum")
    given = replace(FULL, questions=(question,))
    assert stored(given)["questions"][0]["credited"] == "sum" and stored(given)["score"] == 14
    assert from_json(stored(given)).questions[0].credited == "sum"
    jsonschema.validate(stored(given), SCHEMA)


REQUIRED = [
    *[(key,) for key in stored() if key not in ("version", "lateness")],  # runs before they were written have none
    *[("questions", 0, key) for key in stored()["questions"][0]],
    *[("questions", 0, "checks", 0, key) for key in stored()["questions"][0]["checks"][0]],
    ("questions", 0, "diagnosis", 0, "hint"),
    ("questions", 0, "diagnosis", 0, "mistake"),
]


@pytest.mark.parametrize("path", REQUIRED, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("value", ["missing", {}, [[]], object], ids=["missing", "object", "list", "other type"])
def test_every_value_is_checked(path: tuple[Any, ...], value: object) -> None:
    data = copy.deepcopy(stored())
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    old = holder.pop(path[-1])
    if value is object:
        holder[path[-1]] = 1 if isinstance(old, (str, bool)) or old is None else "1"
    elif value != "missing":
        holder[path[-1]] = value
    with pytest.raises(Damaged):
        from_json(data)


@pytest.mark.parametrize("number", [True, float("nan"), float("inf"), 10**400, None, "70"])
def test_what_is_no_number(number: object) -> None:
    with pytest.raises(Damaged):
        from_json({**stored(), "max_score": number})


@pytest.mark.parametrize("change", [{"score": 20}, {"score": None}, {"status": "error"}, {"status": "good"}])
def test_an_edited_total_is_not_believed(change: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        from_json({**stored(), **change})


@pytest.mark.parametrize(("status", "score"), [(Status.OK, None), (Status.ERROR, 0)])
def test_no_score_is_not_a_score_of_zero(status: Status, score: int | None) -> None:
    with pytest.raises(Damaged):
        from_json({**stored(Result("ann", status, 70.0, 0.0, (), "")), "score": score})


@pytest.mark.parametrize("data", [[], None, "ann", 7])
def test_what_is_no_object(data: object) -> None:
    with pytest.raises(Damaged):
        from_json(data)


def test_a_message_may_be_absent() -> None:
    result = Result("ann", Status.OK, 70.0, 0.0, (QuestionResult("2", "k-NN", 0.0, 10.0, ()),), "")
    assert from_json(stored(result)) == result


def test_further_keys_do_no_harm() -> None:
    data = stored()
    data["note"] = data["questions"][0]["note"] = "by hand"
    assert from_json(data) == from_json(stored())


def test_passed_is_what_the_outcome_says() -> None:
    data = stored()
    data["questions"][0]["checks"][0]["passed"] = False
    with pytest.raises(Damaged):
        from_json(data)


def test_certain_must_be_a_flag() -> None:
    data = stored()
    data["questions"][0]["diagnosis"][1]["certain"] = "no"
    with pytest.raises(Damaged):
        from_json(data)
