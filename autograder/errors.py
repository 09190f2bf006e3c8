"""What goes wrong for a person at the keyboard: one sentence on what, one on what to do."""

from __future__ import annotations


class AutograderError(Exception):
    """An error that a user caused or can mend; `cli` prints it on two lines, without a traceback.

    `message` says what is wrong and `hint` what to do, each a whole sentence.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SubmissionProblem(AutograderError):
    """Something in one submission that keeps checks from running; it becomes data in the result, never an exit."""


class SandboxUnavailable(AutograderError):
    """This machine can not confine student code."""


class WorkerLost(Exception):
    """The warm server died or stopped answering: not the student's fault."""
