"""The desk of a small class, and a browser of the person at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import Client, TestResponse

from autograder.core.records import Excerpt, Submission
from autograder.core.settings import Limits
from autograder.core.store import open_output, save_result
from autograder.desk.changes import Desk
from autograder.desk.hand_ins import HandIns
from autograder.desk.server import COOKIE, App
from autograder.marks.points import Points
from autograder.report.outputs import write_tables
from tests.desk.test_changes import CLASS, RUBRIC

HOST = "127.0.0.1:4711"
NASTY = "<script>alert(1)</script>\"'/../%2e%2e?#&"
ODD = replace(CLASS[2], student=NASTY, excerpts=(Excerpt("1.2", "<b>", ((1, "</code><script>x</script>"),)),))


class Browser:
    """A browser of the person at the desk; each header can be another one."""

    def __init__(self, app: App) -> None:
        self.app, self.client = app, Client(app, use_cookies=False)

    def headers(self, **other: str | None) -> dict[str, str]:
        known = {"Host": HOST, "Cookie": f"{COOKIE}={self.app.token}", **other}
        return {name: value for name, value in known.items() if value is not None}

    def get(self, path: str, **other: str | None) -> TestResponse:
        return self.client.get(f"{self.app.base}{path}", headers=self.headers(**other))

    def post(self, form: dict[str, str], **other: str | None) -> TestResponse:
        known = {"form_token": self.app.form_token, "student": "ann", "question": "1.2", "kind": "points", **form}
        return self.client.post(f"{self.app.base}/change", data=known, headers=self.headers(**other))

    def rest(self) -> None:
        """Wait until its tables are written: a folder is held against other processes, and a second desk in a test is
        of the same one."""
        self.app._background.submit(int).result()


@pytest.fixture
def grades(tmp_path: Path) -> Path:
    folder = tmp_path / "grades"
    open_output(folder, tmp_path / "class")
    for one in (*CLASS, ODD):
        save_result(folder, one)
    write_tables(folder, [*CLASS, ODD], RUBRIC, Points())
    return folder


@contextmanager
def handed_in(folder: Path) -> Iterator[tuple[list[Submission], Limits]]:
    yield [Submission(path.name, path) for path in (folder / "class").iterdir()], Limits()


@pytest.fixture
def hand_ins(tmp_path: Path) -> HandIns:
    return HandIns(lambda: handed_in(tmp_path))


@pytest.fixture
def browser(grades: Path, hand_ins: HandIns) -> Iterator[Browser]:
    app = App(Desk(grades, RUBRIC), hand_ins, "Ada", 4711)
    yield Browser(app)
    app.close()
