"""One forked process that answers for one set of files until it is closed or dies.

The trusted side of the conversation: it sends files and inputs, and believes nothing of what comes back but its form.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.core.errors import WorkerLost
from autograder.core.records import Calls, Case, CodeError, Question
from autograder.core.settings import Limits
from autograder.sandbox import requests, wire
from autograder.sandbox.client import Server
from autograder.sandbox.edits.file import Edit
from autograder.sandbox.patience import MOST, Patience, interrupt, peak_memory
from autograder.sandbox.protocol import Outcome, read_edits
from autograder.sandbox.transcript import Transcript

_PIECE = 1 << 16
_GRACE = 2.0
"""Seconds in which a file must stop that was told to."""


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
    ) -> None:
        """Fork, send everything below `root`, and wait until the process has confined itself.

        `files` maps a module's name to its path below `root`; `preload` names modules to import at once, after
        which the process forgets the files: for the reference, which must stay out of everyone's reach. Functions in
        `calls` are called by the names of their arguments. Of `changed`, paths below `root`, other bytes are sent.
        """
        self._server = server
        self._limits = limits
        self._calls = calls
        self._connection, theirs = socket.socketpair()
        self._output, output = os.pipe()
        request = {"do": "fork", "limits": asdict(limits), "questions": questions}
        reply = server.request(request, [theirs.fileno(), output])
        self._pid: int | None = reply["pid"]
        self._handle: int | None = reply.get("descriptor")
        theirs.close()
        os.close(output)
        os.set_blocking(self._output, False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._connection, selectors.EVENT_READ)
        self._selector.register(self._output, selectors.EVENT_READ)
        self._reader = wire.Reader()
        self._messages: deque[wire.Message] = deque()
        self._outgoing = bytearray()
        self._printed = bytearray()
        self._connection.settimeout(limits.timeout)
        for message in requests.hand_in(root, changed or {}, files, preload):
            self._connection.sendall(message)
        self._await_confined()

    def _await_confined(self) -> None:
        patience = Patience(max(60.0, self._limits.timeout), self._handle)
        while (message := self._next(patience)) is None or message.header.get("type") != "confined":
            if message is None:
                self._end(wait=True)
                raise WorkerLost(f"a process could not be confined: {self.printed}")
        self._connection.setblocking(False)

    @property
    def printed(self) -> str:
        """What the process has printed so far, up to the limit."""
        return self._printed.decode(errors="replace")

    def ask(
        self, question: Question, cases: Sequence[Case], variants: Sequence[str | None] = (), threads: int = 1
    ) -> Outcome:
        """Have the cases called one after the other, and wait for the answers."""
        self.post(question, cases, frozenset(), variants, threads)
        return self.collect(question, cases)

    def post(
        self,
        question: Question,
        cases: Sequence[Case],
        replaced: frozenset[str],
        variants: Sequence[str | None] = (),
        threads: int = 1,
        edits: Sequence[Sequence[int]] = (),
    ) -> None:
        """Send a question without waiting, so that the process goes on while an earlier one is judged.

        Modules in `replaced` are the skeleton's; `variants` has for each case what takes a function's place (the
        reference only), `edits` which changes are made to the student's; `threads` is what torch may use inside one
        operation.
        """
        header, arrays = requests.question(cases, variants or [None] * len(cases), edits or [()] * len(cases))
        header |= {"type": "ask", "module": question.module, "threads": threads}
        header["question"] = question.id
        calls: list[wire.Json] = [[name, [list(pair) for pair in names]] for name, names in self._calls]
        self._outgoing += wire.encode({**header, "replaced": sorted(replaced), "calls": calls}, arrays)
        self._push()

    def edits(self, question: Question) -> tuple[int, list[Edit]]:
        """The small changes that the question's function could have, as the process says, and in which piece of the
        file; none once it has ended."""
        header: dict[str, Any] = {"type": "edits", "module": question.module, "question": question.id}
        self._outgoing += wire.encode(header)
        self._push()
        patience = Patience(self._limits.timeout, self._handle)
        try:
            message = self._next(patience)
            return (0, []) if message is None else read_edits(message)
        except (wire.WireError, OSError):
            self.close()
            return 0, []

    def try_edits(
        self, question: Question, cases: Sequence[Case], edits: Sequence[Sequence[int]], patience: Patience
    ) -> Outcome:
        """Have each case called once, with the changes made that are numbered beside it."""
        self.post(question, cases, frozenset(), edits=edits)
        return self.collect(question, cases, patience)

    def patience(self, limit: float) -> Patience:
        """So many seconds of this process's time, for what is asked of it together."""
        return Patience(limit, self._handle)

    def collect(self, question: Question, cases: Sequence[Case], patience: Patience | None = None) -> Outcome:
        """The answers to the first posted question that is left; what is missing died with the process."""
        told = Transcript(cases, time.monotonic() + MOST * self._limits.timeout)
        patience = patience or Patience(self._limits.timeout, self._handle)
        try:
            while len(told.answers) < len(cases):
                message = self._next(patience)
                if message is None and told.importing and self.alive and self._give_up_import(told):
                    patience.restart()
                    continue
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
            return told.outcome(CodeError("crash", f"It sent something that is no answer: {error}."), None)
        return told.outcome(None, None)

    def _still_running(self, question: Question, error: CodeError) -> CodeError:
        """What to say of a file whose import took all the time that there is."""
        limit = f"{self._limits.timeout:g} s"
        sentence = f"{question.file} was still running {limit} after its import began. "
        advice = "Put training and tests under `if __name__ == '__main__':`."
        return CodeError("timeout", sentence + advice, error.trace)

    def _give_up_import(self, told: Transcript) -> bool:
        """Have a file that has been running too long stop where it is: it may have defined what is asked by then."""
        if told.interrupted or not interrupt(self._handle):
            return False
        told.interrupted = True
        patience = Patience(_GRACE, self._handle)
        while told.importing:
            message = self._next(patience)
            if message is None:
                return False
            if told.read(message) is not None or told.answers:
                return False
        return True

    def _push(self) -> None:
        """Send as much as the socket takes: a process that never reads keeps nobody waiting."""
        try:
            while self._outgoing:
                del self._outgoing[: self._connection.send(self._outgoing)]
        except BlockingIOError:
            pass
        except OSError:  # the process is gone, as reading will tell
            self._outgoing.clear()
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._outgoing else 0)
        self._selector.modify(self._connection, events)

    def _next(self, patience: Patience) -> wire.Message | None:
        """The next message; None once the process is gone or its time is up."""
        while not self._messages:
            for key, events in self._selector.select(patience.left()):
                if key.fd == self._output:
                    if not self._drain():
                        self._selector.unregister(self._output)
                    continue
                if events & selectors.EVENT_WRITE:
                    self._push()
                if events & selectors.EVENT_READ:
                    if not (data := self._receive()):
                        return None
                    self._messages += self._reader.feed(data)
            if not self._messages and patience.over():
                return None
        return self._messages.popleft()

    def _receive(self) -> bytes:
        """What has come; nothing once the process is gone, which the kernel tells in two ways: by an end, and, where
        the process left questions unread, by a reset."""
        try:
            return self._connection.recv(1 << 20)
        except ConnectionResetError:
            return b""

    def _drain(self) -> bool:
        """Read what was printed, keep it up to the limit; False at the end."""
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._output, _PIECE)
            self._printed += data[: max(0, self._limits.output - len(self._printed))]
            return bool(data)
        return True

    def peak(self) -> int:
        """The most memory that the process has had, in bytes; 0 once it has ended, or where that is not told."""
        return peak_memory(self._handle)

    def _cause(self, patience: Patience) -> CodeError:
        """Why the process ended or had to be ended."""
        late = patience.over()
        status = self._end(wait=True)
        if late or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
            return CodeError("timeout", f"It did not finish within {self._limits.timeout:g} s.")
        if os.WIFEXITED(status):
            return CodeError("crash", f"The code ended its own process (exit status {os.WEXITSTATUS(status)}).")
        return CodeError("crash", f"The process was ended by {signal.Signals(os.WTERMSIG(status)).name}.")

    def close(self) -> None:
        """End the process if it still runs. A second call changes nothing."""
        self._end(wait=False)

    def _end(self, wait: bool) -> int:
        """End the process; its wait status if that was waited for, or else 0: to tear a process down takes 8 ms.

        Raises WorkerLost where nobody can say how it ended, because the server is gone: then it is nobody's fault here.
        """
        if self._pid is None:
            return 0
        pid, self._pid = self._pid, None
        self._selector.close()
        self._connection.close()
        if self._handle is not None:
            os.close(self._handle)
        try:
            request = {"do": "end", "pid": pid}
            if wait:
                return int(self._server.request(request)["status"])
            with contextlib.suppress(WorkerLost):  # then the process is gone too
                self._server.notify(request)
            return 0
        finally:
            for _ in range(self._limits.output // _PIECE + 1):
                if not self._drain():
                    break
            os.close(self._output)

    @property
    def alive(self) -> bool:
        """Whether more can be asked."""
        return self._pid is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
