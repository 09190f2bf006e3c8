"""A warm server: forked from the zygote, confined with all that it forks; one process for each request.

It has a socket to the trusted side that carries one JSON object a packet, and an empty folder where each forked process
gets one of its own. The server never reads a submission, an input or an answer: those go straight from the trusted side
to the forked process, over a socket of their own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.core.settings import Limits
from autograder.sandbox import confine, home, namespaces
from autograder.sandbox.importer import Given

PACKET = 65_536


@dataclass(frozen=True)
class Warm:
    """The modules that are imported and compiled before any fork."""

    probes: Mapping[str, ModuleType]
    given: Mapping[str, Given]


class ForkServer:
    """Forks, kills, and reaps on request; one request, one reply."""

    def __init__(
        self,
        control: socket.socket,
        layers: confine.Layers,
        warm: Warm,
        scratch: Path,
        places: Sequence[Path],
        statm: int | None,
    ) -> None:
        self._control = control
        self._layers = layers
        self._warm = warm
        self._scratch = scratch
        self._places = places
        self._statm = statm
        self._folders: dict[int, Path] = {}

    def serve(self) -> None:
        """Answer requests until the trusted side closes its end; then end every child as well."""
        with contextlib.suppress(ConnectionError):  # it may leave without reading our last replies
            self._reply({"ready": asdict(self._layers)})
            while True:
                data, descriptors, _, _ = socket.recv_fds(self._control, PACKET, 2)
                if not data:
                    break
                self._do(json.loads(data), descriptors)
        for pid in list(self._folders):
            self._end(pid)

    def _do(self, request: Mapping[str, Any], descriptors: list[int]) -> None:
        match request["do"]:
            case "fork":
                pid = self._fork(request, descriptors)
                with _process_handle(pid) as handles:
                    self._reply({"pid": pid}, handles)
            case "import":
                _import(request["names"])
                self._reply({})
            case "end":
                self._reply(self._end(request["pid"]))

    def _fork(self, request: Mapping[str, Any], descriptors: list[int]) -> int:
        scratch = Path(tempfile.mkdtemp(dir=self._scratch))
        pid = os.fork()
        if pid == 0:
            self._live(request, descriptors, scratch)
        for descriptor in descriptors:
            os.close(descriptor)
        self._folders[pid] = scratch
        return pid

    def _live(self, request: Mapping[str, Any], descriptors: list[int], scratch: Path) -> None:
        """The forked process; never returns to the server's loop."""
        try:
            namespaces.die_with_parent()
            connection = socket.socket(fileno=os.dup2(descriptors[0], 3))
            mapped = confine.mapped_bytes(self._statm)
            _take_streams(descriptors[1])
            os.closerange(4, 1024)
            from autograder.sandbox.child import Child

            limits = Limits(**request["limits"])
            own = home.move_in(scratch, self._places, limits.unpacked + limits.file_size, 2 * limits.members)
            child = Child(connection, self._warm.probes, self._warm.given, own)
            child.live(self._layers, limits, request["questions"], mapped)
        except BaseException:  # whatever it is, this process may not go back into the server's loop
            import traceback

            with contextlib.suppress(BaseException):
                traceback.print_exc()
            os._exit(70)
        os._exit(0)

    def _end(self, pid: int) -> dict[str, Any]:
        """Kill the process if it still runs, wait for it and clear its scratch folder away."""
        os.kill(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        _clear(self._folders.pop(pid))
        return {"status": status, "seconds": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024}

    def _reply(self, reply: Mapping[str, Any], descriptors: Sequence[int] = ()) -> None:
        socket.send_fds(self._control, [json.dumps(reply).encode()], descriptors)


@contextlib.contextmanager
def _process_handle(pid: int) -> Iterator[list[int]]:
    """Yield a descriptor that names a child outside of our namespace, where its number differs; or nothing."""
    try:
        handle = os.pidfd_open(pid)
    except (AttributeError, OSError):
        yield []
        return
    yield [handle]
    os.close(handle)


def _import(names: Sequence[str]) -> None:
    """Import libraries; one that raises is left to the students' processes.

    A library that starts threads cannot be imported before a fork, and a thread cannot be undone. Then the server ends,
    and the trusted side starts another one without that library.
    """
    with contextlib.suppress(BaseException):
        for name in names:
            importlib.import_module(name)
    if threading.active_count() > 1:
        os._exit(1)


def _take_streams(output: int) -> None:
    """Lead the standard streams to the student's pipe, whatever they were: a terminal, a file, nothing."""
    for number in (1, 2):
        os.dup2(output, number)
    sys.stdin = sys.__stdin__ = open(0, encoding="utf-8", closefd=False)  # type: ignore[misc]  # noqa: SIM115  (both stay open)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = open(number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _clear(folder: Path) -> None:
    """Remove a dead process's folder, whatever it left there.

    Nothing is followed, and each level is moved up before it is entered: folders may lie a hundred thousand deep.
    """
    pending = [str(folder)]
    moved = 0
    while pending:
        here = pending.pop()
        with contextlib.suppress(OSError):
            os.chmod(here, 0o700)
            with os.scandir(here) as listing:
                entries = list(listing)
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    moved += 1
                    os.chmod(entry.path, 0o700)
                    os.rename(entry.path, f"{folder}.{moved}")
                    pending.append(f"{folder}.{moved}")
                else:
                    os.unlink(entry.path)
            os.rmdir(here)


def serve(control: socket.socket, scratch: Path, sandbox: bool, warm: Warm, limits: Limits) -> None:
    """Enter namespaces, hide the file tree, then answer requests until the trusted side closes its end.

    `limits` say how large the scratch folder is: libraries that are imported here may write into it, and each process
    has its home mounted in it.
    """
    layers = confine.Layers(landlock=False, seccomp=False)
    if sandbox:
        layers = confine.available()
        layers = replace(layers, namespaces=layers.sufficient and namespaces.enter())
    # Before any student's folder is on the path: to find the places, Python imports a module of its own by name.
    visible = [*confine.library_paths(), Path(__file__).parent]
    statm = confine.open_statm()
    places: tuple[Path, ...] = ()
    if layers.namespaces:
        with contextlib.suppress(OSError):
            wanted = home.places_of_its_own(visible)
            namespaces.change_root(visible, wanted, scratch, limits.file_size, limits.members)
            places = wanted
    own = Path(tempfile.mkdtemp(prefix="libraries-", dir=scratch))  # a folder that libraries imported here may write to
    os.environ |= {"HOME": str(own), "TMPDIR": str(own)}
    ForkServer(control, layers, warm, scratch, places, statm).serve()
