"""No attack reaches its canary, gains a point, becomes our `error`, or harms the student who is graded next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.core.records import Result, Status
from tests.hostile.harness import DISTURBS, REACHES, RETURNS, SHADOWS, Stage, open_stage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADE_SECRET", "the canary sings")
        with open_stage(tmp_path_factory.mktemp("hostile")) as stage:
            yield stage


def nothing_gained(result: Result) -> None:
    assert result.status is not Status.ERROR, result.message
    assert result.score == 0, result
    assert "REACHED" not in str(result.questions[0].error), result.questions[0].error


@pytest.mark.parametrize("statement", REACHES.values(), ids=REACHES)
def test_no_canary_is_reached(stage: Stage, statement: str) -> None:
    assert not stage.reaches(statement)


def test_a_canary_that_is_reached_would_be_seen(stage: Stage) -> None:
    assert stage.reaches("pass")


@pytest.mark.parametrize("top", DISTURBS.values(), ids=DISTURBS)
def test_nobody_is_disturbed(stage: Stage, top: str) -> None:
    nothing_gained(stage.attack(top))
    assert stage.unharmed()


@pytest.mark.parametrize("body", RETURNS.values(), ids=RETURNS)
def test_no_value_answers_for_itself(stage: Stage, body: str) -> None:
    nothing_gained(stage.attack("", body))


@pytest.mark.parametrize("name", SHADOWS)
def test_a_file_beside_the_five_runs_no_code_of_ours(stage: Stage, name: str) -> None:
    result = stage.attack("", beside=name)
    assert result.status is not Status.ERROR, result.message
    assert result.score == 0


PLACES = ("/tmp/note", "/dev/shm/note", "/student/note", "/student/tmp/note", "/student/hand-in/note")


def test_no_note_reaches_the_next_submission(stage: Stage) -> None:
    written = "\n".join(f"try: open({place!r}, 'w').write('the answer')\nexcept OSError: pass" for place in PLACES)
    stage.attack(written)
    assert not stage.reaches(f"next(place for place in {PLACES!r} if os.path.exists(place))")


def test_the_bystanders_are_unharmed(stage: Stage) -> None:
    assert stage.unharmed()
