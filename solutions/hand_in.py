"""Writes the zip to be handed in, and refuses what grading would refuse. Given.

    python check.py --zip STUDENT_ID          runs all public checks, then writes STUDENT_ID.zip

It holds the five files, report.ipynb, and the modules of yours that they import: no data, no checkpoints.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ("model_factory.py", "criterion.py", "main.py", "validation.py", "main_linclis.py")
REPORT = "report.ipynb"
GIVEN = (
    *("check.py", "checkpoints.py", "data.py", "engine.py", "experiments.py", "first_run.py", "flags.py", "grids.py"),
    *("hand_in.py", "logs.py", "methods.py", "monitor.py", "networks.py", "plots.py", "ranks.py", "reporting.py"),
    *("training.py", "views.py"),
)
"""Files of the download that nobody hands in: grading uses its own copies."""
MIB = 1024**2
LARGEST = 100 * MIB
"""Of everything together, unpacked; code and a report with pictures take far less."""
NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")


def main(argv: list[str], check: Callable[[], int]) -> int:
    """Write the zip named after the word that follows `--zip`; `check` runs the public checks.

    Returns 0 when the zip was written, even if checks fail, 1 when it was refused, 2 for wrong usage.
    """
    words = [word for word in argv if word != "--zip"]
    if len(words) > 1 or (words and not NAME.fullmatch(words[0])):
        print(
            "Give your student id after --zip, in letters, digits, `-`, `_` and `.`: python check.py --zip 1234567",
            file=sys.stderr,
        )
        return 2
    files = {name: HERE / name for name in hand_in_files()}
    if found := list(problems(files)):
        print("No zip was written:\n" + "\n".join(f"- {line}" for line in found), file=sys.stderr)
        return 1
    if check() == 2:
        return 2
    name = words[0] if words else "hand-in"
    try:
        write_zip(HERE / f"{name}.zip", files)
    except OSError as error:
        print(f"{name}.zip could not be written: {error.strerror}.\nMake room and try again.", file=sys.stderr)
        return 1
    print(f"\nWrote {name}.zip with {', '.join(files)}.")
    if REPORT not in files:
        print(f"There is no {REPORT} in it: without one there are no points for the report.")
    if not words:
        print("Rename it to your student id before you hand it in, or run `python check.py --zip STUDENT_ID`.")
    return 0


def hand_in_files() -> list[str]:
    """What belongs into the zip, by paths from this folder: the five files, the report, and own modules."""
    report = [REPORT] if (HERE / REPORT).exists() else []
    found, waiting = [*FILES, *report], list(FILES)
    while waiting:
        for name in own_modules(HERE / waiting.pop()):
            if name not in (*found, *GIVEN):
                found.append(name)
                waiting.append(name)
    return found


def own_modules(path: Path) -> Iterator[str]:
    """Files of this folder that a Python file imports; all of a package's files where it imports from one."""
    try:
        nodes = list(ast.walk(parsed(path.read_bytes())))
    except (OSError, SyntaxError, ValueError):
        return  # `problems` says so
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    for name in sorted({name.split(".")[0] for name in names}):
        if (HERE / f"{name}.py").is_file():
            yield f"{name}.py"
        elif (HERE / name).is_dir() and name != "probes":
            yield from sorted(inside.relative_to(HERE).as_posix() for inside in (HERE / name).rglob("*.py"))


def parsed(data: bytes) -> ast.Module:
    """The syntax tree of a file; raises SyntaxError or ValueError."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data)


def problems(files: dict[str, Path]) -> Iterator[str]:
    """Why grading would refuse the files, one sentence each with what to do."""
    size = 0
    for name, path in files.items():
        try:
            data = path.read_bytes()
        except OSError as error:
            why = "is missing" if isinstance(error, FileNotFoundError) else f"can not be read ({error.strerror})"
            yield f"{name} {why}. Take it from the assignment's zip again; unfilled, it costs its own questions only."
            continue
        size += len(data)
        if name.endswith(".py"):
            yield from _wrong_code(name, data)
        elif name == REPORT:
            yield from _wrong_notebook(data)
    if size > LARGEST:
        wanted = f"{LARGEST // MIB} MiB"
        yield f"All together is larger than {wanted}. Clear outputs of {REPORT}, and leave data and checkpoints out."


def _wrong_code(name: str, data: bytes) -> Iterator[str]:
    try:
        data.decode("utf-8")
        parsed(data)
    except UnicodeDecodeError:
        yield f"{name} is not text in UTF-8. Save it as UTF-8 in your editor."
    except SyntaxError as error:
        yield f"{name}, line {error.lineno}, is not valid Python: {error.msg}. Mend that line."
    except ValueError:
        yield f"{name} holds a null byte, so it is not Python. Save it as plain text."


def _wrong_notebook(data: bytes) -> Iterator[str]:
    try:
        cells = json.loads(data.decode("utf-8"))["cells"]
        assert isinstance(cells, list)
    except (ValueError, KeyError, TypeError, AssertionError):
        yield f"{REPORT} is not a notebook. Save it with Jupyter again, or take it out of the folder."


def write_zip(path: Path, files: dict[str, Path]) -> None:
    """Write the zip whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, file in files.items():
                archive.write(file, name)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
