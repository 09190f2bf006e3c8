"""One forked process that answers for one set of files until it is closed or dies.

The trusted side of the conversation: it sends files and inputs, and believes only the form of the replies.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.core.errors import WorkerLost
from autograder.core.records import STUDENT_FILES, Calls, Case, CodeError, Question
from autograder.core.settings import REPLY_SECONDS, Limits
from autograder.sandbox import requests, wire
from autograder.sandbox.channel import Channel, Printed
from autograder.sandbox.client import Server
from autograder.sandbox.edits.file import Edit
from autograder.sandbox.patience import AGAIN, MOST, TOO_LONG, Patience
from autograder.sandbox.process import Process
from autograder.sandbox.protocol import Outcome, read_edits
from autograder.sandbox.transcript import Transcript

_GRACE = 2.0
"""Seconds in which a file must stop after the signal."""
_SOON, _SHARE = 1.0, 0.1
"""Seconds, and share of the limit, after which an import is given up that took all of the time in an earlier process:
the larger of the two, if it is at the same statement again."""


class Session:
    """One forked process that answers for one set of files."""

    def __init__(
        self,
        server: Server,
        root: Path,
        files: Mapping[str, Path],
        limits: Limits,
        questions: int = 1,
        preload: Sequence[str] = (),
        calls: Calls = (),
        changed: Mapping[str, bytes] | None = None,
        left: dict[str, int] | None = None,
    ) -> None:
        """Fork, send everything below `root`, and wait until the process has confined itself.

        `files` maps a module's name to its path below `root`; `preload` names modules to import at once, after
        which the process forgets the files: for the reference, which must stay out of everyone's reach. Functions in
        `calls` are called by the names of their arguments. Of `changed`, paths below `root`, other bytes are sent.
        `left` has the files whose import was given up in earlier processes of the same hand-in, each with the line
        of the statement that it was at, or 0 if that is unknown; this process adds to it.
        """
        self._left = {} if left is None else left
        self._known = {file: line for file, line in self._left.items() if line}
        self._limits = limits
        self._calls = calls
        self.process, self._channel, printed = _forked(server, limits, questions)
        self._prepare(requests.hand_in(root, changed or {}, files, preload), printed)

    def _prepare(self, messages: Iterable[bytes], printed: Printed) -> None:
        """Deliver the files and wait until the process has confined itself. No student's code has run by then, so a
        process that fails is lost: raises WorkerLost."""
        seconds = max(REPLY_SECONDS, self._limits.timeout)
        why = "it ended, or did not answer in time"
        try:
            self._channel.deliver(messages, seconds)
            patience = self.process.patience(seconds)
            while (message := self._channel.receive(patience)) is not None:
                if message.header.get("type") == "confined":
                    return
        except (wire.WireError, OSError) as error:
            why = str(error)
        self._end(wait=True)
        raise WorkerLost(f"a process could not be confined: {why}. {printed.text}".rstrip())

    @property
    def alive(self) -> bool:
        """Whether the process can be asked more."""
        return self.process.alive

    def ask(
        self, question: Question, cases: Sequence[Case], stand_ins: Sequence[str | None] = (), threads: int = 1
    ) -> Outcome:
        """Ask for the cases one after the other, and wait for the answers."""
        self.post(question, cases, frozenset(), stand_ins, threads)
        return self.collect(question, cases)

    def post(
        self,
        question: Question,
        cases: Sequence[Case],
        replaced: frozenset[str],
        stand_ins: Sequence[str | None] = (),
        threads: int = 1,
        edits: Sequence[Sequence[int]] = (),
    ) -> None:
        """Send a question without waiting, so that the process goes on while an earlier one is judged.

        Modules in `replaced` are the skeleton's; `stand_ins` has for each case what takes a function's place (the
        reference only), `edits` which changes are made to the student's; `threads` is what torch may use inside one
        operation.
        """
        header, arrays = requests.question(cases, stand_ins or [None] * len(cases), edits or [()] * len(cases))
        header |= {"type": "ask", "module": question.module, "threads": threads, "left": self._known}
        header["question"] = question.id
        calls: list[wire.Json] = [[name, [list(pair) for pair in names]] for name, names in self._calls]
        self._channel.send(wire.encode({**header, "replaced": sorted(replaced), "calls": calls}, arrays))

    def edits(self, question: Question) -> tuple[int, list[Edit]]:
        """The piece of the file, and the small changes that the question's function could have in it, as the process
        lists them; none once it has ended."""
        header: dict[str, Any] = {"type": "edits", "module": question.module, "question": question.id}
        self._channel.send(wire.encode(header))
        try:
            message = self._channel.receive(self.process.patience(self._limits.timeout))
            return (0, []) if message is None else read_edits(message)
        except (wire.WireError, OSError):
            self.close()
            return 0, []

    def try_edits(
        self, question: Question, cases: Sequence[Case], edits: Sequence[Sequence[int]], patience: Patience
    ) -> Outcome:
        """Ask for each case once, with the changes made whose numbers stand next to it."""
        self.post(question, cases, frozenset(), edits=edits)
        return self.collect(question, cases, patience)

    def collect(self, question: Question, cases: Sequence[Case], patience: Patience | None = None) -> Outcome:
        """The answers to the first posted question that is left; what is missing died with the process."""
        told = Transcript(cases, time.monotonic() + MOST * self._limits.timeout)
        patience = patience or self.process.patience(self._limits.timeout)
        try:
            while len(told.answers) < len(cases):
                message = self._next(told, patience)
                if message is None:
                    importing = told.importing[-1] if told.importing else None
                    cause = self._cause(patience)
                    if importing == question.module and cause.kind == "timeout":
                        cause = self._still_running(question, cause)
                    return told.outcome(cause, importing)
                if (failed := told.read(message)) is not None:
                    failed = self._still_running(question, failed) if told.interrupted else failed
                    return replace(told.outcome(None, None), answers=(), failed=failed)
        except (wire.WireError, OSError) as error:
            self.close()
            return told.outcome(CodeError("crash", f"It sent something that is not an answer: {error}."), None)
        return told.outcome(None, None)

    def _still_running(self, question: Question, error: CodeError) -> CodeError:
        """Word the error of a file whose import took all of the time."""
        limit = f"{self._limits.timeout:g} s"
        sentence = f"{question.file} was still running {limit} after its import began. "
        advice = "Put training and tests under `if __name__ == '__main__':`."
        return CodeError("timeout", sentence + advice, error.trace)

    def _next(self, told: Transcript, patience: Patience) -> wire.Message | None:
        """The next message on a question; None once the process is gone or its time is up.

        A file that is imported for too long is given up first, then the answer gets the whole time. If it took all of
        the time in an earlier process, it is asked soon whether it is at the same statement again.
        """
        while True:
            file = told.importing[-1] if told.importing else ""
            again = file in self._known and file not in told.asked
            soon = min(self._limits.timeout, max(_SOON, _SHARE * self._limits.timeout))
            message = self._channel.receive(self.process.patience(soon) if again else patience)
            if message is not None or not file or not self.alive:
                return message
            if again:
                told.asked.add(file)
            elif f"{file}.py" not in STUDENT_FILES or (told.interrupted and file in self._left):
                return None
            if self._give_up_import(told, again) and (not again or file in told.left):
                told.interrupted = True
                self._left[file] = told.left.get(file, 0)
                patience.restart()
            elif not again:
                return None

    def _give_up_import(self, told: Transcript, again: bool) -> bool:
        """Stop the file that has been running too long: it may have defined the asked functions by then.

        `again`: only if it is at the statement at which it was given up before.
        """
        if not self.process.interrupt(AGAIN if again else TOO_LONG):
            return False
        patience = self.process.patience(_GRACE)
        depth = len(told.importing)
        while len(told.importing) == depth:
            message = self._channel.receive(patience)
            if message is None:
                return False
            if told.read(message) is not None or told.answers:
                return False
        return len(told.importing) < depth

    def _cause(self, patience: Patience) -> CodeError:
        """The reason why the process ended or had to be ended."""
        late = patience.over()
        status = self._end(wait=True)
        if late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
            return CodeError("timeout", f"It did not finish within {self._limits.timeout:g} s.")
        if os.WIFEXITED(status):
            return CodeError("crash", f"The code ended its own process (exit status {os.WEXITSTATUS(status)}).")
        return CodeError("crash", f"The process was ended by {_signal_name(os.WTERMSIG(status))}.")

    def close(self) -> None:
        """End the process if it still runs. A second call changes nothing."""
        self._end(wait=False)

    def _end(self, wait: bool) -> int:
        """End the process; returns its wait status if `wait`, otherwise 0. Raises WorkerLost, as `Process.end`."""
        if not self.alive:
            return 0
        try:
            return self.process.end(wait)
        finally:
            self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _forked(server: Server, limits: Limits, questions: int) -> tuple[Process, Channel, Printed]:
    """A new process, the connection to it and what it prints. Raises WorkerLost, and then leaves nothing open."""
    connection, theirs = socket.socketpair()
    output, printing = os.pipe()
    printed = Printed(output, limits.output)
    channel = Channel(connection, printed)
    try:
        process = Process(server, limits, questions, [theirs.fileno(), printing])
    except WorkerLost:
        channel.close()
        raise
    finally:
        theirs.close()
        os.close(printing)
    return process, channel, printed


def _signal_name(number: int) -> str:
    """`SIGSEGV`, or for a signal without a name of its own, its number."""
    return signal.Signals(number).name if number in list(signal.Signals) else f"signal {number}"
