"""Reads the cells of a notebook that stands in for one of the five files, and turns each into Python.

This runs in the student's own process, where parsing untrusted code is safe. IPython is imported before any fork: if it
cannot be, nobody is graded, and no student's process has to find it.
"""

from __future__ import annotations

import ast
import json
import linecache
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from autograder.core.settings import CELLS
from autograder.sandbox.definitions import Place, places_in
from autograder.sandbox.importer import STUDENT_MODULES
from autograder.sandbox.source import Asked, Source

_CELL_MAGIC = re.compile(r"\s*%%([\w!]+)[ \t]*([^\n]*)\n?")
_NOT_PYTHON = frozenset(
    (
        *("!", "sx", "system", "bash", "sh", "script", "cmd", "html", "HTML", "javascript", "js", "latex", "markdown"),
        *("svg", "SVG", "perl", "ruby", "pypy", "python2", "cython", "cu", "cuda", "R", "sql", "bigquery", "timeit"),
        *("writefile", "file"),
    )
)
"""Magics whose cells define nothing in the kernel."""
_WRITES = ("writefile", "file")
_RUN = re.compile(r"^get_ipython\(\)\.run_line_magic\('run', '(?:-\w+ )*(?:\./)*([\w/]+)\.py\b[^']*'\)", re.MULTILINE)
"""`%run helpers.py`, as IPython writes it as a call."""


@dataclass(frozen=True)
class Cell:
    """One cell as Python; `file` is the name under which its lines are shown."""

    number: int
    file: str
    code: str
    body: list[ast.stmt] = field(default_factory=list)
    error: SyntaxError | None = None
    passed_over: str = ""
    """The text of a cell that is not for Python, a shell's for instance; the code is then empty."""


@dataclass(frozen=True)
class Notebook:
    """A notebook's code cells, or a file of the five with magics in it as a single cell; `path` is its place."""

    path: Path
    sources: tuple[tuple[int, str], ...]

    @cached_property
    def name(self) -> str:
        return self.path.name

    def cells(self, module: str) -> Iterator[Cell]:
        """Yield the cells that count for `module`, without cells that write another file: that file is there."""
        self._write_helpers()
        written = ((number, source, _written_by(source)[0]) for number, source in self.sources)
        counted = [(number, source) for number, source, file in written if file is None or file.stem == module]
        for number, source in _joined(counted):
            yield _read_cell(number, f"{self.path}, cell {number}" if number else str(self.path), source)

    def _write_helpers(self) -> None:
        """Write the files other than the five that cells write, unless a file of that name was handed in."""
        texts: dict[Path, str] = {}
        for _, source in self.sources:
            written, appended = _written_by(source)
            if written is not None and written.stem not in STUDENT_MODULES:
                texts[written] = (texts.get(written, "") if appended else "") + _body(source)
        for written, text in texts.items():
            _write(self.path.parent / written, text)


@lru_cache
def read_notebook(path: Path) -> Notebook | None:
    """Read the cells that the trusted side put next to the hand-in, or a file with magics; None for other files."""
    if path.suffix == CELLS:
        data = json.loads(path.read_text("utf-8"))
        return Notebook(path.with_name(data["notebook"]), tuple((number, text) for number, text in data["cells"]))
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError):
        return None
    needs_ipython = "get_ipython(" in text if _parsed(text) is not None else _parsed(as_python(text)) is not None
    return Notebook(path, ((0, text),)) if needs_ipython else None


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _read_cell(number: int, file: str, source: str) -> Cell:
    source = source.encode("utf-8", "backslashreplace").decode()
    code = as_python(source)
    if number:  # the lines of a file lie in it
        lines = [f"{line}\n" for line in re.split(r"\r\n|\r|\n", code)]
        linecache.cache[file] = (len(code), None, lines, file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Cell(number, file, code, ast.parse(code, file).body, passed_over="" if code else source)
    except SyntaxError as error:
        return Cell(number, file, code, error=error)
    except (ValueError, RecursionError, MemoryError) as error:
        return Cell(number, file, code, error=SyntaxError(str(error), (file, 1, 1, "")))


def _cell_magic(source: str) -> tuple[str, str, str]:
    """A cell's magic, the rest of its line, and the cell without it; a cell without magic is returned unchanged."""
    found = _CELL_MAGIC.match(source)
    return (found[1], found[2], source[found.end() :]) if found else ("", "", source)


def _body(source: str) -> str:
    """The text that a cell writes into a file."""
    body = _cell_magic(source)[2]
    return body if body.endswith("\n") else f"{body}\n"


def _joined(sources: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Put cells that append to one of the five together with the one that begins it, if a part is not Python by itself:
    the second half of a class, for instance. Its lines are then told as if they stood below those of the first."""
    files: list[list[int]] = []
    for at, (_, source) in enumerate(sources):
        written, appends = _written_by(source)
        if written is not None and appends and files:
            files[-1].append(at)
        elif written is not None:
            files.append([at])
    texts = dict(enumerate(sources))
    for file in files:
        if len(file) == 1 or all(_parsed(_body(sources[at][1])) for at in file):
            continue
        whole = ""
        for _, source in (sources[at] for at in file):
            before = source[: len(source) - len(_cell_magic(source)[2])].count("\n")
            whole += "\n" * (before - whole.count("\n")) + _body(source)  # a file's lines keep their numbers
        if _parsed(as_python(whole)) is not None:
            texts[file[0]] = (sources[file[0]][0], whole)
            for at in file[1:]:
                del texts[at]
    return list(texts.values())


def as_python(source: str) -> str:
    """Turn a cell into Python with its lines in the same places: magics, `!` and `?` become IPython's calls."""
    if _parsed(source) is not None:
        return source
    magic, _, body = _cell_magic(source)
    if magic in _NOT_PYTHON - {*_WRITES}:
        return ""
    if magic:
        return "\n" * source[: len(source) - len(body)].count("\n") + as_python(body)
    empty = re.match(r"(?:[ \t\f]*\r?\n)*", source)
    before = empty[0].count("\n") if empty else 0
    try:
        code = str(TransformerManager().transform_cell(source))  # type: ignore[no-untyped-call]  # IPython's own
    except Exception:  # Python gets a cell that cannot be taken apart, and says why
        return source
    return "\n" * before + _RUN.sub(lambda found: f"from {found[1].replace('/', '.')} import *", code)


def _written_by(source: str) -> tuple[Path | None, bool]:
    """The file below the notebook's folder that a cell writes, and whether it appends to it."""
    magic, line, _ = _cell_magic(source)
    if magic not in _WRITES or not line.split():
        return None, False
    path = Path(re.sub(r"^(?:-a|--append)\s+", "", line.strip()).strip("'\""))
    return Path(path.name) if path.is_absolute() or ".." in path.parts else path, line.startswith(("-a", "--append"))


def _write(path: Path, text: str) -> None:
    """Write the file of a helper as its cells do."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", "backslashreplace")
    except (OSError, ValueError):
        return


class _Line(int):
    """The number of a line, printed with its cell."""

    cell: int

    def __str__(self) -> str:
        return f"{int(self)} of cell {self.cell}"


class CellSource(Source):
    """The facts in the cells about a function that is asked for, as `Source` finds them in a file."""

    def __init__(self, notebook: Notebook, module: str, asked: Asked) -> None:
        super().__init__(notebook.path, asked)
        self._cells = list(notebook.cells(module))

    @cached_property
    def _lines(self) -> list[str]:
        return []

    @cached_property
    def _places(self) -> list[Place]:
        nodes: list[Any] = []
        for cell in self._cells:
            for node in (node for statement in cell.body for node in ast.walk(statement)):
                if cell.number and hasattr(node, "lineno"):
                    node.lineno = _Line(node.lineno)
                    node.lineno.cell = cell.number
            nodes += cell.body
        return list(places_in(nodes, ()))
