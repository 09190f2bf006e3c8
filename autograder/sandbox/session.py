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
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from autograder.errors import WorkerLost
from autograder.records import Answer, Array, Calls, Case, CodeError, Question
from autograder.sandbox import wire
from autograder.sandbox.client import Server
from autograder.sandbox.protocol import Outcome, case_seed, read_answer, read_error
from autograder.settings import Limits

_PIECE = 1 << 16
_CHUNK = 16 * 1024 * 1024
_IMPORTS_CAP = 100
"""How many of the student files may be importing each other at a time, each by several names."""
_LOADED_FACTOR = 10
"""How much longer than its limit a process may take on the clock while it waits for a core."""


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
    ) -> None:
        """Fork, send everything below `root`, and wait until the process has confined itself.

        `files` maps a module's name to its path below `root`; `preload` names modules to import at once, after
        which the process forgets the files: for the reference, which must stay out of everyone's reach. Functions in
        `calls` are called by the names of their arguments.
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
        self._send_files(root)
        ready: dict[str, Any] = {"type": "ready", "files": {name: str(path) for name, path in files.items()}}
        self._connection.sendall(wire.encode({**ready, "preload": list(preload)}))
        self._await_confined()

    def _await_confined(self) -> None:
        deadline = time.monotonic() + max(60.0, self._limits.timeout)
        while (message := self._next(deadline)) is None or message.header.get("type") != "confined":
            if message is None:
                self._end(wait=True)
                raise WorkerLost(f"a process could not be confined: {self.printed}")
        self._connection.setblocking(False)

    def _send_files(self, root: Path) -> None:
        for path in sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink()):
            name = str(path.relative_to(root))
            with open(path, "rb") as file:
                while True:
                    data = file.read(_CHUNK)
                    piece = np.frombuffer(data, np.uint8)
                    self._connection.sendall(wire.encode({"type": "file", "path": name}, [piece]))
                    if len(data) < _CHUNK:
                        break

    @property
    def printed(self) -> str:
        """What the process has printed so far, up to the limit."""
        return self._printed.decode(errors="replace")

    def ask(self, question: Question, cases: Sequence[Case], variant: str | None = None, threads: int = 1) -> Outcome:
        """Have the cases called one after the other, and wait for the answers."""
        self.post(question, cases, frozenset(), variant, threads)
        return self.collect(question, cases)

    def post(
        self,
        question: Question,
        cases: Sequence[Case],
        replaced: frozenset[str],
        variant: str | None = None,
        threads: int = 1,
    ) -> None:
        """Send a question without waiting, so that the process goes on while an earlier one is judged.

        Modules in `replaced` are the skeleton's; `variant` takes a function's place (the reference only); `threads`
        is what torch may use inside one operation.
        """
        header, arrays = _request(cases)
        header |= {"type": "ask", "module": question.module, "variant": variant, "threads": threads}
        calls: list[wire.Json] = [[name, [list(pair) for pair in names]] for name, names in self._calls]
        self._outgoing += wire.encode({**header, "replaced": sorted(replaced), "calls": calls}, arrays)
        self._push()

    def collect(self, question: Question, cases: Sequence[Case]) -> Outcome:
        """The answers to the first posted question that is left; what is missing died with the process."""
        answers: list[Answer] = []
        importing: list[str] = []
        received = 0
        start = time.monotonic()
        try:
            while len(answers) < len(cases):
                message = self._next(start + self._limits.timeout)
                if message is None:
                    return Outcome(tuple(answers), self._cause(start), importing[-1] if importing else None)
                match message.header:
                    case {"type": "importing", "module": str(name)}:
                        importing.append(name)
                        _refuse_flood(len(importing), start + _LOADED_FACTOR * self._limits.timeout)
                    case {"type": "imported", "module": str(name)} if importing and importing[-1] == name:
                        importing.pop()
                        _refuse_flood(0, start + _LOADED_FACTOR * self._limits.timeout)
                    case {"type": "failed", "error": error}:
                        return Outcome((), None, None, failed=read_error(error))
                    case _:
                        answers.append(read_answer(message, cases[len(answers)]))
                        received += sum(array.nbytes for array in message.arrays)
                        if received > wire.PAYLOAD_CAP:
                            raise wire.WireError("the answers are larger than the limit")
        except (wire.WireError, OSError) as error:
            self.close()
            return Outcome(tuple(answers), CodeError("crash", f"It sent something that is no answer: {error}."), None)
        return Outcome(tuple(answers), None, None)

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

    def _next(self, deadline: float) -> wire.Message | None:
        """The next message; None once the process is gone or its time is up (then it has been ended)."""
        give_up = deadline + (_LOADED_FACTOR - 1) * self._limits.timeout
        used = 0.0
        while not self._messages:
            for key, events in self._selector.select(max(0.01, deadline - time.monotonic())):
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
            if not self._messages and time.monotonic() >= deadline:
                used, before = self._cpu(), used
                # A busy machine makes nobody time out: who still gets CPU time, and has had too little, goes on.
                if used >= self._limits.timeout or used - before < 0.01 or time.monotonic() >= give_up:
                    return None
                deadline = time.monotonic() + 0.1 * self._limits.timeout
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

    def _cpu(self) -> float:
        return float(self._server.request({"do": "cpu", "pid": self._pid})["seconds"])

    def peak(self) -> int:
        """The most memory that the process has had, in bytes; 0 once it has ended, or where that is not told."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            pid = _told(f"/proc/self/fdinfo/{self._handle}")["Pid"]
            return 1024 * int(_told(f"/proc/{int(pid)}/status")["VmHWM"].split()[0])
        return 0

    def _cause(self, start: float) -> CodeError:
        """Why the process ended or had to be ended."""
        status = self._end(wait=True)
        late = time.monotonic() - start >= self._limits.timeout
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


def _told(path: str) -> dict[str, str]:
    """What the kernel says, name by name."""
    lines = Path(path).read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _refuse_flood(importing: int, give_up: float) -> None:
    """Import reports come from student code as easily as from ours: only so many, and only so long."""
    if importing > _IMPORTS_CAP or time.monotonic() > give_up:
        raise wire.WireError("it tells of imports without end")


def _request(cases: Sequence[Case]) -> tuple[dict[str, Any], list[Array]]:
    """The cases as a header, and their arrays, to which the header points by number."""
    arrays: list[Array] = []
    listed: list[dict[str, Any]] = []
    for case in cases:
        places = {name: len(arrays) + at for at, name in enumerate(case.arrays)}
        arrays += case.arrays.values()
        entry = {"name": case.name, "probe": case.probe, "params": dict(case.params), "arrays": places}
        listed.append({**entry, "seed": case_seed(case), "measured": case.measured})
    return {"cases": listed}, arrays
