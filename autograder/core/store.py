"""Keeps results on disk: every file whole or not at all, and never two runs in one folder."""

from __future__ import annotations

import csv
import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.core.errors import AutograderError
from autograder.core.records import Result
from autograder.core.result_json import from_json, to_json

MARKER = ".autograde"
RESULTS = "results"
FEEDBACK = "feedback"
MARKER_TEXT = "autograde writes its results here; a folder without this file is left alone.\n"
TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")
KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
MAX_NAME = 200
"""Bytes; leaves room for an extension within the 255 of a file name."""


def write_whole(path: Path, content: str | bytes) -> None:
    r"""Write a file whole or not at all; text becomes UTF-8, with a lone surrogate as `\udcff`.

    Raises AutograderError if that is impossible; an earlier file then stays as it was.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        # After a success it is gone already; Ctrl-C is not a reason to leave it either.
        with suppress(OSError):
            temporary.unlink()


def file_name(student: str) -> str:
    """Turn a student's id into a file name, without extension; no two ids give the same.

    Letters, digits and `._-` stay and the rest is percent-encoded, a leading dot too (it would hide the file).
    """
    pieces = [chr(byte) if byte in KEPT else f"%{byte:02X}" for byte in student.encode("utf-8", "surrogatepass")]
    if pieces and pieces[0] == ".":
        pieces[0] = "%2E"
    name = "".join(pieces)
    # No percent-encoded name holds `%_`, so the name made below cannot be that of another id.
    if not name:
        return "%_"
    if len(name) <= MAX_NAME:
        return name
    ending = "%_" + hashlib.sha256(name.encode()).hexdigest()
    return re.sub(r"%.?$", "", name[: MAX_NAME - len(ending)]) + ending


def open_output(output: Path, submissions: Path) -> None:
    """Make the folder for the results, or take up the one of an earlier run.

    Raises AutograderError for anything else: a file, somebody's own folder, a folder among the submissions.
    """
    try:
        _refuse_inside(output, submissions)
        if output.is_dir():
            _refuse_foreign(output)
        elif output.exists() or output.is_symlink():
            raise AutograderError(f"{_shown(output)} is not a folder.", "Name another folder with --output.")
        output.mkdir(parents=True, exist_ok=True)
        # Before everything else: a run killed here must find its folder again.
        if not (output / MARKER).is_file():
            write_whole(output / MARKER, MARKER_TEXT)
        (output / RESULTS).mkdir(exist_ok=True)
        (output / FEEDBACK).mkdir(exist_ok=True)
    except OSError as error:
        raise cannot_write(output, error) from error


@contextmanager
def only_run(output: Path, patience: float = 0.0) -> Iterator[None]:
    """Hold the output folder for this process; raises AutograderError if another one holds it for `patience` seconds.

    The lock goes with the process, even when it is killed, and is not inherited by its children.
    """
    marker = output / MARKER
    try:
        descriptor = os.open(marker, os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise cannot_write(marker, error) from error
    try:
        until = time.monotonic() + patience
        while not _locked(descriptor, marker):
            if time.monotonic() >= until:
                raise AutograderError(
                    f"Another run is using the folder {_shown(output)}.",
                    "Wait until it has ended, or name another folder with --output.",
                )
            time.sleep(0.05)
        _remove_leftovers(output)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int, marker: Path) -> bool:
    """Lock the marker, unless another process has it."""
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise cannot_write(marker, error) from error
        return False
    return True


def save_result(output: Path, result: Result) -> None:
    """Store a student's result as `results/STUDENT.json`."""
    text = json.dumps(to_json(result), ensure_ascii=False, allow_nan=False)
    write_whole(_result_path(output, result.student), text + "\n")


def load_result(output: Path, student: str) -> Result | None:
    """Return the stored result of a student; None if there is none or the file is not as it was written."""
    result = read_result(_result_path(output, student))
    return result if result is not None and result.student == student else None


def read_result(path: Path) -> Result | None:
    """The result in a file; None if there is none or the file is not as it was written."""
    try:
        return from_json(json.loads(path.read_bytes().decode("utf-8")))
    except (OSError, ValueError, RecursionError):
        return None


def load_results(output: Path) -> list[Result]:
    """The results that `grades.csv` lists, sorted by student; raises AutograderError if a run is not complete.

    Results of students who have left stay in the folder and are not listed.
    """
    grades = output / "grades.csv"
    try:
        with open(grades, encoding="utf-8", newline="") as file:
            listed = {row["student"] for row in csv.DictReader(file)}
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise AutograderError(
            f"{_shown(output)} holds no whole grading run.", "Give the folder that `autograde --output` wrote."
        ) from error
    results = []
    for path in sorted((output / RESULTS).glob("*.json")):
        result = read_result(path)
        if result is None:
            raise AutograderError(f"{_shown(path)} is damaged.", "Run `autograde` on the class again.")
        if listed & {result.student, f"'{result.student}"}:
            results.append(result)
    return sorted(results, key=lambda result: result.student)


def earlier_class(output: Path, students: Sequence[str]) -> tuple[str, ...]:
    """Sentences on an earlier run's students who are not in this class; raises AutograderError if none of them is.

    Results and pages of students who have left stay. If nobody of an earlier run is in the class, it is another class.
    """
    now = {file_name(student) for student in students}
    before = {path.stem for path in (output / RESULTS).glob("*.json")}
    gone = sorted(before - now)
    if before and now and len(gone) == len(before):
        raise AutograderError(
            f"{_shown(output)} holds the results of another class: nobody of it is in this one ({_few(output, gone)}).",
            "Name another folder with --output, or delete this one.",
        )
    return (
        (f"Not in this class, and left in {_shown(output)} from an earlier run: {_few(output, gone)}",) if gone else ()
    )


def _few(output: Path, names: Sequence[str]) -> str:
    """The first few students of these files, with their names."""
    shown = []
    for name in names[:5]:
        result = read_result(output / RESULTS / f"{name}.json")
        called = f" ({result.about.name})" if result and result.about.name else ""
        shown.append(f"{result.student if result else name}{called}")
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(shown)}{more}"


def _result_path(output: Path, student: str) -> Path:
    return output / RESULTS / f"{file_name(student)}.json"


def _refuse_inside(output: Path, submissions: Path) -> None:
    # Path.resolve would raise for a loop of links.
    inner, outer = Path(os.path.realpath(output)), Path(os.path.realpath(submissions))
    if inner == outer or outer in inner.parents:
        raise AutograderError(
            f"The output folder {_shown(output)} lies inside the submissions folder and would count as a student.",
            "Name a folder elsewhere with --output.",
        )


def _refuse_foreign(output: Path) -> None:
    if not os.access(output, os.R_OK | os.W_OK | os.X_OK):
        number = errno.EROFS if os.statvfs(output).f_flag & os.ST_RDONLY else errno.EACCES
        raise OSError(number, os.strerror(number))
    if not (output / MARKER).is_file() and not all(TEMPORARY.fullmatch(path.name) for path in output.iterdir()):
        raise AutograderError(
            f"The folder {_shown(output)} holds something else than results of autograde.",
            "Name an empty or new folder with --output.",
        )


def _remove_leftovers(output: Path) -> None:
    """Remove what a run that was killed in the middle of a write left behind."""
    for folder in (output, output / RESULTS, output / FEEDBACK):
        with suppress(OSError):
            for path in folder.iterdir():
                if TEMPORARY.fullmatch(path.name):
                    path.unlink()


def cannot_write(path: Path, error: OSError) -> AutograderError:
    """An error about a file or folder that cannot be written."""
    message = f"{_shown(path)} cannot be written: {error.strerror or error}."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return AutograderError(message, "Free some space and run again; what was written before is whole and is kept.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return AutograderError(message, "Change the permissions, or name another folder with --output.")
    return AutograderError(message, "Check the path, or name another folder with --output.")


def _shown(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()
