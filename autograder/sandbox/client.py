"""The trusted side's handles on the zygote and on a warm server: start, send requests, end them and all they forked."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.core.errors import SandboxUnavailable, WorkerLost
from autograder.core.settings import REPLY_SECONDS, START_SECONDS, Limits
from autograder.sandbox.confine import Layers

_PACKET = 65_536
DEFAULTS = Limits()
_LAST_WORDS = 2000
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "CONDA_PREFIX", "VIRTUAL_ENV")
_KIT = Path(__file__).parents[2]
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "MKL", "OPENBLAS")}


class Zygote:
    """One process that has imported torch; servers are forked from it. Use as a context manager, from any thread."""

    program: Sequence[str] = ("-m", "autograder.sandbox.zygote")

    def __init__(self, skeleton: Path) -> None:
        """Start it; what it imports is ready when the first server is. Raises SandboxUnavailable but on Linux."""
        if sys.platform != "linux":
            problem = "Student code runs on Linux only, where it can be confined, and this is another system."
            hint = "Grade on a Linux machine or in a Linux container; `autograde export`, `show` and `diff` work here."
            raise SandboxUnavailable(problem, hint)
        self._skeleton = skeleton.resolve()
        self._lock = threading.Lock()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed by `close`)
        self.spoiling: set[str] = set()
        """Libraries whose import has ended a server, and those that a server is importing just now."""
        self.shared: dict[str, Any] = {}
        """Objects that the users of its servers, each in a thread, share with one another."""
        self._closed = False
        self._start()

    def _start(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        environment |= {
            "HOME": "/nonexistent",
            "LANG": "C.UTF-8",
            "MPLBACKEND": "Agg",  # no window opens, and none is waited for
            "WANDB_MODE": "disabled",  # it records nothing, because there is no network
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # large pages: a fork copies a tenth of the page tables
        }
        environment |= {**_ONE_THREAD, "PYTHONPATH": str(_KIT)}  # this very copy of the kit, whatever is installed
        arguments = [sys.executable, "-P", *self.program, str(theirs.fileno())]
        self._process = subprocess.Popen(
            [*arguments, str(self._skeleton)],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._log,  # a library may print when it is imported, which does not belong in the terminal
            stderr=self._log,
            start_new_session=True,  # Ctrl-C in the terminal is for the driver, which then closes us
        )
        theirs.close()
        self._control.settimeout(START_SECONDS)

    def start_server(self, control: socket.socket, scratch: str, sandbox: bool, limits: Limits) -> int:
        """Fork a server that talks over `control`; returns its process id. Raises WorkerLost."""
        with self._lock:
            if self._closed:
                raise WorkerLost("the sandbox is closed")
            if self._process.poll() is not None:
                self._control.close()
                self._start()
            request = {"do": "start", "scratch": scratch, "sandbox": sandbox, "limits": asdict(limits)}
            return int(self._request(request, [control.fileno()])["pid"])

    def end_server(self, pid: int) -> None:
        """Kill a server and all that it forked; if the zygote is gone, they are gone as well."""
        with self._lock, contextlib.suppress(WorkerLost):
            if not self._closed:
                self._request({"do": "end", "pid": pid})

    def _request(self, what: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        try:
            _send(self._control, what, descriptors)
            return _receive(self._control)
        except WorkerLost as error:
            self._kill()  # a reply that came late would be taken for the one to the next request
            raise WorkerLost(f"{error}. {self.last_words()}".rstrip()) from error

    def last_words(self) -> str:
        """The last line that the zygote or one of its servers wrote, for instance the end of a traceback."""
        size = os.fstat(self._log.fileno()).st_size
        lines = (
            os.pread(self._log.fileno(), _LAST_WORDS, max(0, size - _LAST_WORDS)).decode(errors="replace").split("\n")
        )
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def close(self) -> None:
        """End the process, and every server with it. No server starts again, and waiting threads see the end."""
        self._closed = True
        self._kill()
        while not self._lock.acquire(timeout=0.01):  # who holds it waits for the process, or is starting another one
            self._kill()
        try:
            self._kill()
            self._control.close()
            self._log.close()
        finally:
            self._lock.release()

    def _kill(self) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Server:
    """One warm server process; sessions are forked from it. Use as a context manager."""

    def __init__(
        self, skeleton: Path, sandbox: bool = True, zygote: Zygote | None = None, limits: Limits = DEFAULTS
    ) -> None:
        """Start it, from a zygote of its own if none is given, with room for submissions within the limits.

        Raises SandboxUnavailable if this machine cannot confine student code, WorkerLost if it does not start.
        """
        self._zygote = Zygote(skeleton) if zygote is None else zygote
        self._owns_zygote = zygote is None
        self._scratch = tempfile.mkdtemp(prefix="autograde-")
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(START_SECONDS)
        self._pid = self._zygote.start_server(theirs, self._scratch, sandbox, limits)
        theirs.close()
        self._layers: Layers | None = None
        self._sandbox = sandbox
        self._unread = 0
        """Replies that are still to come and that nobody waits for."""
        self._imported: set[str] = set()

    @property
    def layers(self) -> Layers:
        """The layers in force; waits until the server is warm."""
        if self._layers is None:
            self._layers = Layers(**self._receive()["ready"])
            self._control.settimeout(REPLY_SECONDS)
            if self._sandbox and not self._layers.sufficient:
                raise SandboxUnavailable(
                    "This machine cannot confine student code: it needs Linux with Landlock and seccomp.",
                    "Grade on another machine, or add --no-sandbox if you trust every submission.",
                )
        return self._layers

    @property
    def shared(self) -> dict[str, Any]:
        """The objects that all servers of one zygote share."""
        return self._zygote.shared

    def request(self, what: Mapping[str, Any], descriptors: Sequence[int] = ()) -> dict[str, Any]:
        """Send one request and wait for its reply; raises WorkerLost."""
        self._send(what, descriptors)
        while self._unread:
            self._receive()
            self._unread -= 1
        return self._receive()

    def import_library(self, library: str, names: Sequence[str]) -> None:
        """Let the server import modules of a library, so that the processes that it forks need not.

        If a library ends the server, WorkerLost is raised, and no other server of this zygote tries that library.
        """
        if library in self._imported or library in self._zygote.spoiling:
            return
        self._zygote.spoiling.add(library)
        self.request({"do": "import", "names": names})
        self._zygote.spoiling.discard(library)
        self._imported.add(library)

    def notify(self, what: Mapping[str, Any]) -> None:
        """Send one request without waiting for its reply; raises WorkerLost."""
        self._send(what)
        self._unread += 1

    def _send(self, what: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        _ = self.layers
        _send(self._control, what, descriptors)

    def _receive(self) -> dict[str, Any]:
        try:
            return _receive(self._control)
        except WorkerLost as error:
            raise WorkerLost(f"{error}. {self._zygote.last_words()}".rstrip()) from error

    def close(self) -> None:
        """End the server and every process that it forked, and remove its scratch folder."""
        self._control.close()
        self._zygote.end_server(self._pid)
        if self._owns_zygote:
            self._zygote.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _send(control: socket.socket, what: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    try:
        socket.send_fds(control, [json.dumps(what).encode()], descriptors)
    except OSError as error:
        raise WorkerLost(f"the warm server is gone: {error}") from error


def _receive(control: socket.socket) -> dict[str, Any]:
    try:
        data, descriptors, _, _ = socket.recv_fds(control, _PACKET, 1)
    except OSError as error:
        raise WorkerLost(f"the warm server does not answer: {error}") from error
    if not data:
        raise WorkerLost("the warm server ended")
    reply: dict[str, Any] = json.loads(data)
    return {**reply, "descriptor": descriptors[0]} if descriptors else reply
