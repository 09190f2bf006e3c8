"""The rival in `make bench`: the same checks in one plain pytest process, student and reference imported into it.

No sandbox, no second process: the least that "one pytest process per submission" can cost.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.checks.collected import Row, tests_of
from autograder.checks.demands import Answers
from tests.bench.in_process import question_answers


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--plain", type=Path, help="the folder of one student")


def pytest_pycollect_makeitem(collector: pytest.Module, name: str, obj: object) -> list[Row] | None:
    return [*tests_of(collector, obj)] if name == "CHECKS" else None


@pytest.fixture(scope="session")
def answered() -> dict[str, Answers]:
    return {}


@pytest.fixture
def answers(request: pytest.FixtureRequest, answered: dict[str, Answers]) -> Answers:
    check = request.node.check
    if check.question not in answered:
        answered[check.question] = question_answers(request.config.getoption("--plain"), check.question)
    return answered[check.question]
