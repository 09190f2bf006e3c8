"""Called by `run_autograder`: grades `/autograder/submission`, and always leaves a whole `results.json`.

A results file is written before anything else, and again after each question. Ten minutes after its start Gradescope
kills a container, so the run ends by itself before that.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from autograder.core.errors import AutograderError, WorkerLost
from autograder.core.records import QuestionResult, Rubric, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import GRADESCOPE_SECONDS, Limits
from autograder.core.store import write_whole
from autograder.gradescope.container import limits_for, memory_limit, warning
from autograder.gradescope.results import results_json
from autograder.grading.grader import Grader

UNFINISHED = (
    "Grading did not finish, so points are missing. Hand in again, or ask the course staff to run the autograder again."
)
NOT_YOURS = "The autograder itself failed; this is not your fault. The course staff can run it again."


class Ended(BaseException):
    """The budget is spent, or somebody wants the process to end.

    Not an `Exception`: the code that reads a student's files takes any of those for a broken file, and goes on.
    """


class Run:
    """One submission in one container. `root` is laid out as Gradescope's `/autograder`."""

    def __init__(self, root: Path, budget: float, leaderboard: bool, sandbox: bool) -> None:
        self._root = root
        self._budget = budget
        self._leaderboard = leaderboard
        self._sandbox = sandbox
        self._start = time.monotonic()
        self._rubric = Rubric((), "")
        self._graded: list[QuestionResult] = []
        self._message = ""

    def run(self) -> None:
        """Grade question after question; after each one the results so far are on the disk."""
        self._write(UNFINISHED)
        note = ""
        try:
            self._rubric = load_rubric()
            self._grade()
        except Ended:
            note = UNFINISHED
        except (AutograderError, WorkerLost) as error:
            note = NOT_YOURS
            print(error, getattr(error, "hint", ""), file=sys.stderr)  # Gradescope shows it to the staff only
        except Exception as error:  # Gradescope shows a traceback to nobody: the student gets a sentence
            note = NOT_YOURS
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        self._write(note)

    def _grade(self) -> None:
        memory = memory_limit()
        if problem := warning(memory):
            print(problem, file=sys.stderr)
        questions = self._rubric.graded
        limits = limits_for(memory, min(Limits.timeout, self._budget / (len(questions) + 2)))
        submission = Submission(student_id(self._root / "submission_metadata.json"), self._root / "submission")
        with Grader(self._rubric, limits, self._sandbox) as grader:
            for result in grader.grade_each(submission, questions):
                self._graded += result.questions
                self._message = result.message or ""
                self._write(UNFINISHED)

    def _write(self, note: str) -> None:
        text = "\n".join(filter(None, [note, self._message]))
        seconds = time.monotonic() - self._start
        content = results_json(self._graded, self._rubric, text, seconds, self._leaderboard)
        folder = self._root / "results"
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "results.json", json.dumps(content, ensure_ascii=False, allow_nan=False))


def student_id(metadata: Path) -> str:
    """One id for everybody who handed in together; per-student inputs depend on it. `student` if nobody is named."""
    try:
        users = json.loads(metadata.read_text("utf-8"))["users"]
        names = sorted(str(user.get("sid") or user.get("email") or user["id"]) for user in users)
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        names = []
    return "+".join(names) or "student"


def _end(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Ended


def main(argv: Sequence[str]) -> int:
    """Grade; the exit status is always 0, because Gradescope discards the results of any other."""
    parser = argparse.ArgumentParser(prog="autograder.gradescope")
    parser.add_argument("--root", type=Path, default=Path("/autograder"), help="(default: %(default)s)")
    parser.add_argument(
        "--budget", type=float, default=GRADESCOPE_SECONDS, help="seconds for everything (default: %(default)s)"
    )
    parser.add_argument("--leaderboard", action="store_true", help="put the score on the leaderboard")
    parser.add_argument("--no-sandbox", action="store_true", help="run student code unconfined")
    arguments = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGALRM, _end)
    signal.setitimer(signal.ITIMER_REAL, arguments.budget)
    Run(arguments.root, arguments.budget, arguments.leaderboard, not arguments.no_sandbox).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
