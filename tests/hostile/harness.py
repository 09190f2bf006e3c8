"""Prepares an attack, grades it, and finds out whether it succeeded in anything."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.core.records import Result, Status, Submission
from autograder.core.rubric import load_rubric
from autograder.core.settings import MIB, SKELETON, Limits
from autograder.grading.grader import Grader
from autograder.sandbox.client import Zygote
from tests.course import now
from tests.hostile.attacks import DISTURBS, PRELUDE, REACHES, RETURNS, SHADOWS
from tests.sample_class import RIGHT, ROOT, hand_in

LIMITS = Limits(timeout=1.0, memory=1024 * MIB, file_size=8 * MIB, unpacked=64 * MIB)
SECRET = "the canary sings"
_WIRE = """
import json, struct, torch
def wire(header):
    text = json.dumps({'arrays': [], **header}).encode()
    return struct.pack('!IQ', len(text), 0) + text
"""


class Stage:
    """Canaries, a bystander and a grader; use `open_stage`."""

    def __init__(self, folder: Path, grader: Grader, victim: int, port: int) -> None:
        self._folder = folder
        self._grader = grader
        self._question = load_rubric()[now("1.3")]
        self.secret = folder / "secret"
        self.restore()
        self._canary = self.secret.stat()
        hand_in(folder / "good", RIGHT)
        environment: Mapping[str, object] = {
            **{"secret": str(self.secret), "other": str(folder / "good" / "criterion.py"), "folder": str(folder)},
            **{"port": port, "driver": os.getpid(), "victim": victim, "repository": str(ROOT)},
        }
        self._prelude = f"{PRELUDE}{_WIRE}ENV = {environment!r}\n"

    def restore(self) -> None:
        """Lay the canary again."""
        self.secret.write_text(SECRET)
        self.secret.chmod(0o640)

    def attack(self, top: str, body: str = "return z1.sum()", beside: str | None = None) -> Result:
        """Grade a submission with `top` above its criterion.py and `body` as its `align_loss`."""
        folder = self._folder / f"attack-{len(list(self._folder.iterdir()))}"
        hand_in(folder, {"1.3": body})
        path = folder / "criterion.py"
        path.write_text(f"{self._prelude}{top}\n{path.read_text().replace('from __future__', '# ')}")
        if beside is not None:
            (folder / beside).write_text("raise SystemError('REACHED')\n")
        return self._grader.grade(Submission("attacker", folder), [self._question])

    def reaches(self, statement: str) -> bool:
        """Whether the statement, run in a submission, does what it wants."""
        top = f"try:\n{textwrap.indent(statement, '    ')}\nexcept BaseException: pass\nelse: raise REACHED"
        return "REACHED" in str(self.attack(top).questions[0].error)

    def unharmed(self) -> bool:
        """Whether the secret is as it was and a right submission still gets all its points."""
        now = self.secret.stat()
        same = (now.st_mode, now.st_size, now.st_nlink) == (0o100640, len(SECRET), self._canary.st_nlink)
        good = self._grader.grade(Submission("good", self._folder / "good"), [self._question])
        return (
            same
            and good.status is Status.OK
            and good.score == self._question.points
            and not (self._folder / "written").exists()
        )


@contextlib.contextmanager
def open_stage(folder: Path, without: str | None = None) -> Iterator[Stage]:
    """A stage in an empty folder, with one layer of the sandbox switched off if one is named."""

    class Weak(Zygote):
        program = ("-m", "tests.hostile.weakened", without or "")

    victim = subprocess.Popen(["sleep", "600"])
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        zygotes = Zygote if without is None else Weak
        with zygotes(SKELETON) as zygote, Grader(load_rubric(), LIMITS, zygote=zygote) as grader:
            yield Stage(folder, grader, victim.pid, listener.getsockname()[1])
        assert victim.poll() is None, "the bystander was ended"
    finally:
        listener.close()
        victim.kill()
        victim.wait()


__all__ = ["DISTURBS", "REACHES", "RETURNS", "SHADOWS", "Stage", "open_stage"]
