"""The warm server: imports torch once, holds no secret, and forks one process for each request.

Run as `python -m autograder.sandbox.server FD SKELETON SCRATCH [--no-sandbox]`: `FD` is a socket to the trusted
side that carries one JSON object a packet, `SKELETON` the folder of the student files, `SCRATCH` an empty folder
where each forked process gets one of its own. The server never reads a submission, an input or an answer: those
go straight from the trusted side to the forked process, over a socket of their own.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from autograder.sandbox import confine, namespaces
from autograder.sandbox.importer import compile_given, preload_given
from autograder.settings import Limits

PACKET = 65_536


class Server:
    """Forks, kills, and reaps on request; one request, one reply."""

    def __init__(
        self,
        control: socket.socket,
        layers: confine.Layers,
        probes: Mapping[str, ModuleType],
        given: Mapping[str, CodeType],
        scratch: Path,
        mapped: int,
    ) -> None:
        self._control = control
        self._mapped = mapped
        self._layers = layers
        self._probes = probes
        self._given = given
        self._scratch = scratch
        self._folders: dict[int, Path] = {}

    def serve(self) -> None:
        """Answer requests until the trusted side closes its end; then take every child along."""
        self._reply({"ready": asdict(self._layers)})
        while True:
            data, descriptors, _, _ = socket.recv_fds(self._control, PACKET, 2)
            if not data:
                break
            request: dict[str, Any] = json.loads(data)
            match request["do"]:
                case "fork":
                    self._reply({"pid": self._fork(request, descriptors)})
                case "import":
                    with contextlib.suppress(ImportError):
                        importlib.import_module(request["name"])
                    self._reply({})
                case "cpu":
                    self._reply({"seconds": _cpu_seconds(request["pid"])})
                case "end":
                    self._reply(self._end(request["pid"]))
        for pid in list(self._folders):
            self._end(pid)

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
            os.dup2(descriptors[1], 1)
            os.dup2(descriptors[1], 2)
            os.closerange(4, 1024)
            from autograder.sandbox.child import Child

            child = Child(connection, self._probes, self._given, scratch)
            child.live(self._layers, Limits(**request["limits"]), request["questions"], self._mapped)
        except BaseException:
            import traceback

            with contextlib.suppress(BaseException):
                traceback.print_exc()
            os._exit(70)
        os._exit(0)

    def _end(self, pid: int) -> dict[str, Any]:
        """Kill the process if it still runs, wait for it and clear its scratch folder away."""
        os.kill(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        shutil.rmtree(self._folders.pop(pid), onerror=_force)
        return {"status": status, "seconds": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024}

    def _reply(self, reply: Mapping[str, Any]) -> None:
        self._control.send(json.dumps(reply).encode())


def _cpu_seconds(pid: int) -> float:
    """CPU time of a child so far, from its own clock (its number is made from the pid: clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2) if sys.platform == "linux" else 0.0


def _force(function: object, path: str, error: object) -> None:
    """Student code may have taken the rights from its own folders; give them back and try once more."""
    with contextlib.suppress(OSError):
        os.chmod(os.path.dirname(path), 0o700)
        os.chmod(path, 0o700)
        shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.unlink(path)


def main(arguments: list[str]) -> int:
    """Enter namespaces, import torch, shut the file tree away, serve."""
    control = socket.socket(fileno=int(arguments[0]))
    skeleton, scratch = Path(arguments[1]), Path(arguments[2])
    sys.path.remove(os.environ.pop("PYTHONPATH"))  # it led to this package; student code finds no other part of the kit
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    namespaces.die_with_parent()
    layers = confine.Layers(landlock=False, seccomp=False)
    if "--no-sandbox" not in arguments:
        layers = confine.available()
        layers = replace(layers, namespaces=layers.sufficient and namespaces.enter())
    given = compile_given(skeleton)
    probes = _import_libraries(given)
    mapped = confine.mapped_bytes()
    if layers.namespaces:
        visible = [*confine.library_paths(), Path(__file__).parent]
        with contextlib.suppress(OSError):
            namespaces.change_root(visible, scratch, Limits().unpacked + Limits().file_size)
    gc.collect()
    gc.freeze()  # what is there now stays shared with every fork: the collector writes to what it looks at
    Server(control, layers, probes, given, scratch, mapped).serve()
    return 0


def _import_libraries(given: Mapping[str, CodeType]) -> dict[str, ModuleType]:
    """Pay for torch and for the skeleton's given files once; returns the probes by student file."""
    import torch

    torch.set_num_threads(1)
    folder = Path(__file__).parent / "probes"
    names = [path.stem for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]
    importlib.import_module("autograder.sandbox.child")
    probes = {name: importlib.import_module(f"autograder.sandbox.probes.{name}") for name in names}
    preload_given(given)
    importlib.import_module("autograder.sandbox.warm").warm_up()
    return probes


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
