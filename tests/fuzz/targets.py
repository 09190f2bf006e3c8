"""Everything that reads untrusted bytes, each with valid examples to begin from and the errors that it may raise."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zstandard

from autograder.collect.extract import extract
from autograder.collect.ipynb import cells, load
from autograder.collect.near import is_near
from autograder.collect.tree import materialise
from autograder.collect.walk import Kind
from autograder.core.errors import AutograderError, SubmissionProblem
from autograder.core.records import Case, Submission
from autograder.core.result_json import Damaged, from_json
from autograder.core.settings import MIB, Limits
from autograder.gradebook.formgrader import report_notebook
from autograder.platforms.folders import PLATFORMS
from autograder.platforms.known import blackboard, gradescope, nbgrader
from autograder.platforms.platform import Entry
from autograder.sandbox import wire
from autograder.sandbox.protocol import read_answer

ROOT = Path(__file__).parent.parent.parent
LIMITS = Limits(unpacked=4 * MIB, members=100, unpack_seconds=1)
CASE = Case("1.2", "public", "loss", {})


@dataclass(frozen=True)
class Target:
    """A function to fuzz. `call` may raise `expected` and nothing else."""

    name: str
    examples: tuple[bytes, ...]
    call: Callable[[bytes], object]
    expected: tuple[type[Exception], ...]


def _messages() -> tuple[bytes, ...]:
    loss = np.array(0.5, np.float32)
    values = [["value", "tensor", "Tensor", 0], ["grad", "tensor", "Tensor", 1], ["n", "none", "NoneType", None]]
    answer = {"type": "answer", "case": "public", "values": values, "error": None, "seconds": 0.01}
    error = {"kind": "exception", "message": "bad", "trace": "line 1"}
    return (
        wire.encode(answer, [loss, np.zeros((4, 8), np.float64)]),
        wire.encode({**answer, "values": [], "error": error}),
        wire.encode({"type": "importing", "module": "criterion"}) + wire.encode({"type": "confined"}),
    )


def _read_messages(data: bytes) -> None:
    for message in wire.Reader().feed(data):
        read_answer(message, CASE)


def _archives() -> tuple[bytes, ...]:
    members = {"criterion.py": b"x = 1\n" * 50, "src/main.py": b"", "über.txt": b"\0" * 3000}
    made = []
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with io.BytesIO() as buffer:
            with zipfile.ZipFile(buffer, "w", method) as archive:
                for name, content in members.items():
                    archive.writestr(name, content)
            made.append(buffer.getvalue())
    for mode in ("w:", "w:gz", "w:bz2", "w:xz"):
        with io.BytesIO() as buffer:
            with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
                for name, content in members.items():
                    info = tarfile.TarInfo(name)
                    info.size = len(content)
                    archive.addfile(info, io.BytesIO(content))
            made.append(buffer.getvalue())
    return (*made, zstandard.ZstdCompressor().compress(made[3]))


def _unpack(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(data)
        extract(path, Path(folder) / "into", LIMITS)


def _collect(data: bytes) -> None:
    """The bytes as an archive in a folder, and as one of the five under its own name and under a near one."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ann"
        root.mkdir()
        for name in ("hw3", "criterion.py", "main (1).py"):
            (root / name).write_bytes(data)
        shutil.copy(ROOT / "assignment" / "main.py", root)
        materialise(Submission("ann", root), Path(folder) / "into", LIMITS)


def _notebook() -> tuple[bytes, ...]:
    return ((ROOT / "assignment" / "report.ipynb").read_bytes(),)


def _read_notebook(data: bytes) -> None:
    report_notebook(data, _notebook()[0].decode())
    list(cells(load(data)))


def _names(data: bytes) -> None:
    name = data.decode("utf-8", "surrogateescape").replace("/", "_").replace("\0", "_")
    is_near(name, "main_linclis.py")
    entries = [Entry(name, Kind.FILE), Entry("doe_5_1_main.py", Kind.FILE), Entry(name[::-1], Kind.FOLDER)]
    for layout, platform in PLATFORMS.items():
        if layout != "gradescope":  # it reads a file, and no names
            platform.is_download(ROOT / "nowhere", entries)
            platform.told(platform.gather(ROOT / "nowhere", entries)[0])


def _stamp(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        hand_in = Path(folder) / "ann" / "hw4"
        hand_in.mkdir(parents=True)
        (hand_in / nbgrader.TIMESTAMP).write_bytes(data)
        (hand_in / "main.py").touch()
        entries = [Entry("ann", Kind.FOLDER)]
        nbgrader.is_download(Path(folder), entries)
        nbgrader.gather(Path(folder), entries)


def _metadata(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / gradescope.METADATA).write_bytes(data)
        gradescope.gather(Path(folder), [Entry(gradescope.METADATA, Kind.FILE), Entry("submission_1", Kind.FOLDER)])


def _receipt(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        name = "HW_ann_attempt_2026-11-26-23-59-00.txt"
        (Path(folder) / name).write_bytes(data)
        others = ("HW_ann_attempt_2026-11-26-23-59-00_a.py", "HW_ann_attempt_2026-11-20-23-59-00_b.py")
        blackboard.gather(Path(folder), [Entry(one, Kind.FILE) for one in (name, *others)])


def _stored() -> tuple[bytes, ...]:
    question = {"id": "1.2", "title": "Loss", "score": 1, "max_score": 2, "checks": [], "diagnosis": []}
    result = {"student": "a", "status": "ok", "score": 1, "max_score": 2, "seconds": 0.1, "fingerprint": ""}
    about = {"name": "", "email": "", "group": "", "late": None, "submitted": ""}
    whole = {**result, "questions": [{**question, "advisories": [], "error": None}], "message": None, "excerpts": []}
    return (json.dumps({**whole, **about}).encode(),)


TARGETS = (
    Target("messages", _messages(), _read_messages, (wire.WireError,)),
    Target("archives", _archives(), _unpack, (SubmissionProblem,)),
    Target(
        "files",
        (*_archives(), *((ROOT / "assignment" / name).read_bytes() for name in ("criterion.py", "main.py"))),
        _collect,
        (SubmissionProblem,),
    ),
    Target("notebooks", _notebook(), _read_notebook, (ValueError, RecursionError)),
    Target(
        "names",
        (
            *(b"doe_LATE_5_1_main-1.py", b"doe_ann1001_question_77_5001_hw3.zip", b"Ann Lee_12_assignsubmission_file_"),
            *(b"hw4-ann-1", b"main_lincls (1).py"),
            *(b"HW 3_ann_attempt_2026-11-26-23-59-00_main.py", b"7-9 - Ann Lee - Nov 26, 2026 1159 PM - main.py"),
        ),
        _names,
        (),
    ),
    Target("stamps", (b"2026-11-01 12:00:00.123456 UTC", b"2026-11-01T12:00:00+01:00"), _stamp, ()),
    Target(
        "metadata",
        (b"submission_1:\n  :submitters:\n  - :sid: '7'\n    :name: Ann\n  :created_at: 2026-11-01 12:00:00 Z\n",),
        _metadata,
        (AutograderError,),
    ),
    Target(
        "receipts",
        (
            b"Name: Ann Lee (ann)\r\nAssignment: HW\r\nDate Submitted: Thursday, November 26, 2026 11:59:00 PM EST\r\n"
            b"Current Grade: 7\r\n\r\nSubmission Field:\r\n<p>x</p>\r\n\r\nComments:\r\nnone\r\n\r\nFiles:\r\n"
            b"\tOriginal filename: main.py\r\n\tFilename: HW_ann_attempt_2026-11-26-23-59-00_a.py\r\n",
        ),
        _receipt,
        (),
    ),
    Target("results", _stored(), lambda data: from_json(json.loads(data)), (Damaged, ValueError, RecursionError)),
)
