"""The life of a student's process: receive files, confine itself, import, call probes, send the values.

Everything here runs in the same process as student code. So the trusted side believes nothing that it says.
"""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import torch

from autograder.core.errors import placed
from autograder.core.records import Array
from autograder.core.settings import Limits
from autograder.sandbox import confine, harmless, wire
from autograder.sandbox.apart import take_apart
from autograder.sandbox.cells import CellSource
from autograder.sandbox.describe import describe
from autograder.sandbox.edits.file import File, pieces
from autograder.sandbox.edits.made import Edited, NotRight, Probe
from autograder.sandbox.effort import Effort
from autograder.sandbox.given import settle_given
from autograder.sandbox.home import Home, bring_near
from autograder.sandbox.importer import Given, Importer
from autograder.sandbox.libraries import Libraries
from autograder.sandbox.notebook import Notebooks
from autograder.sandbox.patience import AGAIN, TOO_LONG
from autograder.sandbox.placing import name_arguments, put_stand_in
from autograder.sandbox.source import Source, read_asked
from autograder.sandbox.state import State

_NOTHING: dict[str, Any] = {"kind": "exception", "message": "", "trace": ""}


class StillRunning(BaseException):
    """The time for the import of a file is over."""


class Child:
    """One process, forked from the warm server, that answers for one submission until its socket closes."""

    def __init__(
        self,
        connection: socket.socket,
        probes: Mapping[str, ModuleType],
        given: Mapping[str, Given],
        home: Home,
    ) -> None:
        self._connection = connection
        self._reader = wire.Reader()
        self._probes = probes
        self._given = given
        self._home = home
        self._root = home.hand_in
        self._importer = Importer({}, given, self._report)
        self._files: dict[str, Path] = {}
        self._source: Source | None = None
        """The file that is asked, read for what it says of the function that is asked for."""
        self._notes: dict[str, list[str]] = {}
        """By student file: sentences for the student on what was passed over."""
        self._told: set[str] = set()
        self._edited: Edited | None = None
        """The file in which a repair is searched."""
        self._known: dict[str, int] = {}
        """Files whose import was given up in an earlier process, each with the line of the statement that it was at."""
        self._left: dict[str, int] = {}
        """The same for this process."""

    def live(self, layers: confine.Layers, limits: Limits, questions: int, mapped: int) -> None:
        """Receive the files, give up every right, then answer until the socket closes."""
        messages = wire.receive(self._connection, self._reader)
        for message in messages:
            if message.header["type"] == "ready":
                self._prepare(message.header)
                break
            self._write_file(message)
        confine.limit_resources(limits, questions, mapped, layers.namespaces)
        confine.confine(layers, self._home.writable)
        self._send({"type": "confined"})
        for message in messages:
            if message.header["type"] == "edits":
                self._list_edits(message.header)
            else:
                self._answer(message)

    def _write_file(self, message: wire.Message) -> None:
        """Append a piece of a file: files come in pieces."""
        path = self._root / str(message.header["path"])
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as file:
            file.write(message.arrays[0].tobytes())

    def _prepare(self, header: Mapping[str, Any]) -> None:
        files = {name: self._root / path for name, path in header["files"].items()}
        self._files = files
        own = [path.parent.parent if path.name == "__init__.py" else path.parent for path in files.values()]
        # The parent too: `simsiam/criterion.py` may be imported as `criterion` or as `simsiam.criterion`.
        parents = [folder.parent for folder in own if folder != self._root]
        folders = list(dict.fromkeys([*own, *parents, self._root]))
        sys.path[:0] = map(str, folders)
        os.chdir(folders[0])
        settle_given(self._given, folders, files)
        self._importer = Importer(files, self._given, self._report, self._root, folders)
        sys.meta_path.insert(0, self._importer)
        say = lambda error: str(describe(error, "import", self._root)["message"])  # noqa: E731
        self._notebooks = Notebooks(self._importer, self._given, say, self._note)
        # A trusted session imports everything now, so that no file of the reference stays within anyone's reach.
        for name in header["preload"]:
            self._importer.load(name)
            if (raised := self._importer.raised.get(name)) is not None:
                raise placed(raised) from raised
        if header["preload"]:
            shutil.rmtree(self._root, ignore_errors=True)
            self._root.mkdir(exist_ok=True)
            os.chdir(self._root)
        else:
            bring_near(folders[0], [folder for folder in folders if folder in folders[0].parents])
            self._importer.run_instead = self._notebooks.run
            harmless.install()
            harmless.pass_over_debuggers(self._note)
            Libraries(self._root, lambda: self._importer.importing, self._note).install()
            for number in (TOO_LONG, AGAIN):
                signal.signal(number, self._stop_importing)
        self._start = State.of_this_process()

    def _answer(self, message: wire.Message) -> None:
        header: Any = message.header
        name = header["module"]
        self._importer.replaced = frozenset(header["replaced"])
        self._told.clear()
        self._known = dict(header["left"])
        self._source = self._read(name, header["question"])
        try:
            module = self._importer.load(name)
            name_arguments(module, header["calls"])
        except BaseException as error:  # a student's file may raise anything, SystemExit too
            self._fail(self._importer.raised.get(name, error))
            return
        probes = self._probes[name]
        for case in header["cases"]:
            tensors = {name: torch.from_numpy(message.arrays[at].copy()) for name, at in case["arrays"].items()}
            self._start.reset(case["seed"], header["threads"])
            probe = getattr(probes, case["probe"])
            if case["edits"] and self._edited is not None:
                probe = self._edited.changing(probe, case["edits"])
            restore = put_stand_in(module, case["stand_in"])
            whole = self._call(probe, module, case, tensors)
            restore()
            if not whole:
                break

    def _list_edits(self, header: Mapping[str, Any]) -> None:
        """Say which small changes the function that a question asks for could have, and in which piece of the file."""
        name = header["module"]
        path, given = self._files.get(name), self._given.get(name)
        asked = None if given is None else read_asked(given.source).get(header["question"])
        self._edited, number = None, 0
        if path is not None and given is not None and asked is not None:
            texts = [text for _, text in pieces(path, path.read_bytes(), name)]
            number, self._edited = Edited.find(texts, asked.target, File(given.source.encode()))
        listed: list[wire.Json] = [] if self._edited is None else self._edited.listed()
        self._send({"type": "edits", "piece": number, "edits": listed})

    def _read(self, name: str, question: str) -> Source | None:
        path, given = self._files.get(name), self._given.get(name)
        asked = None if given is None else read_asked(given.source).get(question)
        return None if path is None or asked is None else self._notebooks.source(path, name, asked)

    def _tell(self, notes: Iterable[str]) -> None:
        """Send the notes on the file that is asked, each once a question."""
        for note in notes:
            if note not in self._told:
                self._told.add(note)
                self._send({"type": "noted", "text": note})

    def _early_end(self) -> Iterator[str]:
        """Say at which line the file that is asked ended early, although everything needed was defined by then."""
        name = self._importer.asked
        if (raised := self._importer.raised.get(name)) is not None and not isinstance(self._source, CellSource):
            told = describe(raised, "import", self._root, self._source)
            where = str(told["trace"]).partition("\n")[0]
            text = f"{name}.py ends before its last line when it is imported: {told['message']} {where}".rstrip()
            yield str(told["message"]) if told["kind"] == "ended" else text

    def _fail(self, error: BaseException) -> None:
        """Say why the file that is asked cannot answer."""
        self._tell(self._notes.get(self._importer.asked, ()))
        self._send({"type": "failed", "error": describe(error, "import", self._root, self._source)})

    def _call(
        self, probe: Probe, module: ModuleType, case: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]
    ) -> bool:
        """Answer one case; False if the question ends with it, because the file is incomplete."""
        error: dict[str, wire.Json] | None = None
        values: list[wire.Json] = []
        arrays: list[Array] = []
        start = time.perf_counter()
        try:
            for name, value in _run(probe, module, tensors, case).items():
                kind, type_name, array = take_apart(value)
                values.append([name, kind, type_name, None if array is None else len(arrays)])
                if array is not None:
                    arrays.append(array)
        except BaseException as raised:  # a student's function may raise anything, SystemExit too
            ended = self._importer.raised.get(self._importer.asked)
            if ended is not None and isinstance(raised, (NameError, AttributeError)):
                self._fail(ended)  # what is missing would have come after the line that ended the file
                return False
            values, arrays = [], []
            error = _NOTHING if type(raised) is NotRight else describe(raised, "exception", self._root, self._source)
        seconds = time.perf_counter() - start
        self._tell([*self._notes.get(self._importer.asked, ()), *self._early_end()])
        header: dict[str, wire.Json] = {"type": "answer", "case": case["name"], "values": values}
        self._send({**header, "error": error, "seconds": seconds}, arrays)
        return True

    def _note(self, sentence: str) -> None:
        """Keep a sentence for the student, with the file that is at work."""
        notes = self._notes.setdefault(self._importer.file, [])
        if sentence not in notes:
            notes.append(sentence)

    def _stop_importing(self, number: int, frame: FrameType | None) -> None:
        """Handle the trusted side's signal that an import takes too long: the definitions so far may be enough.

        One that comes before the limit is for the statement alone at which an earlier process was given up.
        """
        if self._importer.importing:
            file = self._importer.file
            line = _statement(self._files[file], frame)
            if number == TOO_LONG or self._known.get(file) == line:
                self._left[file] = line
                raise StillRunning

    def _report(self, module: str, what: str) -> None:
        header: dict[str, wire.Json] = {"type": what, "module": module}
        if isinstance(self._importer.raised.get(module), StillRunning):
            header["left"] = self._left.get(module)
        self._send(header)

    def _send(self, header: dict[str, wire.Json], arrays: list[Array] | None = None) -> None:
        try:
            data = wire.encode(header, arrays or [])
        except (wire.WireError, ValueError) as error:
            text: wire.Json = {"kind": "exception", "message": str(error), "trace": ""}
            data = wire.encode({**header, "values": [], "error": text})
        self._connection.sendall(data)


def _statement(path: Path, frame: FrameType | None) -> int:
    """The line at which the top-level statement of a file begins that a frame is in; 0 if it is in none."""
    while frame is not None and (frame.f_code.co_name, frame.f_code.co_filename) != ("<module>", str(path)):
        frame = frame.f_back
    with contextlib.suppress(Exception):  # the file may be gone by now
        lines = [node.lineno for node in ast.parse(path.read_bytes()).body]
        return 0 if frame is None else max(line for line in lines if line <= frame.f_lineno)
    return 0


def _run(
    probe: Probe, module: ModuleType, tensors: Mapping[str, torch.Tensor], case: Mapping[str, Any]
) -> Mapping[str, object]:
    if not case["measured"]:
        return probe(module, tensors, case["params"])
    with Effort() as effort:
        values = dict(probe(module, tensors, case["params"]))
    return {**values, "operations": effort.operations, "largest tensor": effort.largest}
