"""A regrade in place keeps the last whole run, however often it is stopped, and knows whose grade moved."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import About, QuestionResult, Result, Status
from autograder.core.store import load_results, open_output, save_result, write_whole
from autograder.marks.diff import Move
from autograder.marks.points import FILE as POINTS
from autograder.marks.previous import PREVIOUS, hold, release


def result(student: str, score: float, *questions: str, status: Status = Status.OK) -> Result:
    graded = tuple(QuestionResult(name, "", score, 10, ()) for name in questions or ("1.1",))
    return Result(student, status, 10, 1.0, () if status is Status.ERROR else graded, "f", about=About(f"N {student}"))


def run(output: Path, *results: Result, until: int | None = None, begin: bool = True) -> list[Move]:
    """Do with the folder what a run does; `until` stops it after so many results."""
    open_output(output, output.with_name("class"))
    if begin:
        hold(output)
    for one in results[:until]:
        write_whole(output / "feedback" / f"{one.student}.html", f"<p>{one.score}</html>")
        save_result(output, one)
    if until is not None:
        return []
    write_whole(output / "grades.csv", "student\n" + "".join(f"{one.student}\n" for one in results))
    return release(output)


def scores(output: Path) -> dict[str, float | None]:
    return {one.student: one.score for one in load_results(output)}


def lines(moved: list[Move]) -> list[str]:
    return [move.line for move in moved]


@pytest.fixture(params=["links", "copies"])
def output(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the results of a, b and c, on a file system with links and on one without."""
    if request.param == "copies":

        def none(*_: object) -> None:
            raise PermissionError("no links here")

        monkeypatch.setattr(os, "link", none)
    folder = tmp_path / "grades"
    assert run(folder, result("a", 1), result("b", 2), result("c", 3)) == []
    assert not (folder / PREVIOUS).exists()
    return folder


def test_the_last_run_is_kept_where_a_grade_moved(output: Path) -> None:
    (output / POINTS).write_text("{}")
    moved = run(output, result("a", 1), result("b", 5), result("c", 0))
    assert lines(moved) == ["b (N b): 2 -> 5 (1.1: 2 -> 5)", "c (N c): 3 -> 0 (1.1: 3 -> 0)"]
    assert scores(output / PREVIOUS) == {"a": 1, "b": 2, "c": 3}
    assert scores(output) == {"a": 1, "b": 5, "c": 0}
    assert (output / PREVIOUS / "feedback" / "b.html").read_text() == "<p>2</html>"
    assert (output / PREVIOUS / POINTS).read_text() == "{}"
    assert [path.name for path in output.iterdir() if path.name.startswith(".before")] == []


def test_a_run_in_which_nothing_moved_keeps_what_was_kept(output: Path) -> None:
    run(output, result("a", 1), result("b", 5), result("c", 3))
    again = replace(result("b", 5), seconds=9.0, message="A folder was passed over.")
    assert run(output, result("a", 1), again, result("c", 3)) == []
    assert scores(output / PREVIOUS) == {"a": 1, "b": 2, "c": 3}


def test_one_run_is_kept_and_no_more(output: Path) -> None:
    run(output, result("a", 1), result("b", 5), result("c", 3))
    run(output, result("a", 1), result("b", 6), result("c", 3))
    assert scores(output / PREVIOUS) == {"a": 1, "b": 5, "c": 3}
    assert not (output / PREVIOUS / PREVIOUS).exists()


@pytest.mark.parametrize("stops", [(0,), (1,), (1, 2), (3, 2, 1), (3, 3)])
def test_a_run_that_is_stopped_is_compared_with_the_last_whole_one(output: Path, stops: tuple[int, ...]) -> None:
    again = (result("a", 4), result("b", 5), result("c", 3))
    for until in stops:
        run(output, *again, until=until)
    assert lines(run(output, *again)) == ["a (N a): 1 -> 4 (1.1: 1 -> 4)", "b (N b): 2 -> 5 (1.1: 2 -> 5)"]
    assert scores(output / PREVIOUS) == {"a": 1, "b": 2, "c": 3}


def test_a_first_run_that_is_stopped_is_nobodys_last(tmp_path: Path) -> None:
    folder = tmp_path / "grades"
    run(folder, result("a", 1), until=1)
    assert run(folder, result("a", 1), result("b", 2)) == []
    assert not (folder / PREVIOUS).exists()


def test_a_power_loss_at_any_step_loses_nothing(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run dies at its n-th change of the folder, for every n: what is there is whole, and the next run goes on."""
    run(output, result("a", 1), result("b", 2), result("c", 9))
    again = (result("a", 4), result("b", 5), result("c", 9))
    whole = ({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "c": 9})
    for call in range(200):
        folder = output.with_name(f"{output.name}-{call}")
        shutil.copytree(output, folder)
        with monkeypatch.context() as patch:
            die_at(call, patch)
            try:
                run(folder, *again)
            except KeyboardInterrupt:
                pass
            else:
                assert call > 20
                return
        assert not (folder / PREVIOUS).exists() or scores(folder / PREVIOUS) in whole
        moved = run(folder, *again)
        assert scores(folder) == {"a": 4, "b": 5, "c": 9}
        assert scores(folder / PREVIOUS) == whole[1]
        # Who died after the last step but one had nothing left to do.
        assert lines(moved) in (["a (N a): 1 -> 4 (1.1: 1 -> 4)", "b (N b): 2 -> 5 (1.1: 2 -> 5)"], [])
        assert {path.name for path in folder.iterdir() if path.name.startswith(".")} == {".autograde"}
    pytest.fail("a run never came to its end")


def die_at(call: int, patch: pytest.MonkeyPatch) -> None:
    """Interrupt the n-th of the calls that change a folder; a removal is then half done."""
    steps = iter(range(1000))
    remove = os.unlink

    def dying(original: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object, **more: object) -> object:
            if next(steps) == call:
                if original is rmtree:
                    for path in [path for path in Path(str(arguments[0])).rglob("*") if path.is_file()][:1]:
                        remove(path)
                raise KeyboardInterrupt
            return original(*arguments, **more)

        return step

    rmtree = shutil.rmtree
    for owner, name in ((Path, "rename"), (Path, "mkdir"), (Path, "replace"), (os, "link"), (shutil, "copyfile")):
        patch.setattr(owner, name, dying(getattr(owner, name)))
    patch.setattr(shutil, "rmtree", dying(rmtree))


def test_what_is_only_graded_in_one_of_the_runs_did_not_move(output: Path) -> None:
    assert run(output, result("a", 1, "1.1", "1.2"), result("b", 2), result("d", 1), result("c", 3)) == []
    assert not (output / PREVIOUS).exists()


def test_a_status_that_moved_is_told(output: Path) -> None:
    moved = run(output, result("a", 0, status=Status.ERROR), result("b", 2, status=Status.PROBLEM), result("c", 3))
    assert lines(moved) == ["a (N a): 1 -> no grade, ok -> error", "b (N b): 2 -> 2, ok -> problem"]
    assert lines(run(output, result("a", 1), result("b", 2, status=Status.PROBLEM), result("c", 3))) == [
        "a (N a): no grade -> 1, error -> ok"
    ]


def test_what_can_not_be_kept_stops_the_run_before_it_begins(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(AutograderError, match="cannot be written: No space left"):
        run(output, result("a", 9))
    assert scores(output) == {"a": 1, "b": 2, "c": 3}
