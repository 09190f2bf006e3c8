"""The zygote: imports torch once, holds no secret, and forks a warm server for each worker.

Run as `python -m autograder.sandbox.zygote FD SKELETON`: `FD` is a socket to the trusted side that carries one JSON
object a packet, `SKELETON` the folder of the student files. All processes that it forks share its memory.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.core.errors import placed
from autograder.core.settings import Limits
from autograder.sandbox import namespaces, server
from autograder.sandbox.given import compile_given, preload_given
from autograder.sandbox.importer import STUDENT_MODULES
from autograder.sandbox.source import read_asked

PACKET = 65_536


def main(arguments: list[str]) -> int:
    """Import, then start and end servers on request until the trusted side closes its end."""
    control = socket.socket(fileno=int(arguments[0]))
    sys.path.remove(os.environ.pop("PYTHONPATH"))  # it led to this package; student code finds no other part of the kit
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    namespaces.die_with_parent()
    gc.disable()  # nothing that an import makes is ever garbage: looking for it takes an eighth of the time
    warm = _import_libraries(Path(arguments[1]))
    gc.freeze()  # what is there now stays shared with every fork: the collector writes to what it looks at
    gc.enable()
    with contextlib.suppress(ConnectionError):  # the trusted side may be killed while it waits for us
        _serve(control, warm)
    return 0


def _serve(control: socket.socket, warm: server.Warm) -> None:
    servers = set()
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, PACKET, 1)
        if not data:
            return
        request = json.loads(data)
        if request["do"] == "start":
            pid = os.fork()
            if pid == 0:
                control.close()
                _live(socket.socket(fileno=descriptors[0]), request, warm)
            os.close(descriptors[0])
            servers.add(pid)
            control.send(json.dumps({"pid": pid}).encode())
        else:
            # A server of the zygote before this one is gone, and its number may be anybody's.
            if (pid := request["pid"]) in servers:
                servers.remove(pid)
                with contextlib.suppress(ProcessLookupError):  # it died before it led a group of its own
                    os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            control.send(b"{}")


def _live(control: socket.socket, request: Mapping[str, Any], warm: server.Warm) -> None:
    """The forked server; never returns to the zygote's loop."""
    try:
        os.setsid()
        namespaces.die_with_parent()
        limits = Limits(**request["limits"])
        server.serve(control, Path(request["scratch"]), request["sandbox"], warm, limits)
    except BaseException:  # whatever it is, this process may not go back into the zygote's loop
        import traceback

        with contextlib.suppress(BaseException):
            traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _import_libraries(skeleton: Path) -> server.Warm:
    """Import torch and the skeleton's given files once, for all servers."""
    import torch

    torch.set_num_threads(1)
    given = compile_given(skeleton)
    folder = Path(__file__).parent / "probes"
    names = [path.stem for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]
    importlib.import_module("autograder.sandbox.child")
    probes = {name: importlib.import_module(f"autograder.sandbox.probes.{name}") for name in names}
    try:
        preload_given(given)
    except Exception as error:  # the files are an instructor's, and may raise anything
        raise placed(error) from error
    for name in STUDENT_MODULES & given.keys():
        read_asked(given[name].source)  # the result is cached
    importlib.import_module("autograder.sandbox.warm").warm_up()
    return server.Warm(probes, given)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
