"""Runs the cells of a notebook that stands in for one of the five files: only those that its functions need.

A statement that fails affects only the names that depend on it, and is reported with its cell.
"""

from __future__ import annotations
import __future__

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import CO_COROUTINE
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.sandbox.cells import Cell, CellSource, Notebook, read_notebook
from autograder.sandbox.importer import Given, Importer
from autograder.sandbox.libraries import Placeholder
from autograder.sandbox.slices import END, Slices, Statement, looked_at
from autograder.sandbox.source import Asked, Source, read_asked

_FUTURES = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}


DEEPEST = 50
"""Statements for one name that may fail one after the other, the last one first."""


class LeftOut(Exception):
    """An answer uses a name whose statement in the notebook failed."""


class _Shell:
    """The shell that `get_ipython()` returns: it does nothing."""

    def getoutput(self, *_: object, **__: object) -> list[str]:
        return []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def get_ipython() -> _Shell:
    """Stand in for IPython's function of this name, for magics and commands."""
    return _Shell()


def display(*_: object, **__: object) -> None:
    """Stand in for IPython's function of this name; show nothing."""


class Notebooks:
    """Runs the notebooks that stand in for some of the five.

    `say` puts an exception into a sentence, `note` takes sentences for the student.
    """

    def __init__(
        self,
        importer: Importer,
        given: Mapping[str, Given],
        say: Callable[[BaseException], str],
        note: Callable[[str], None],
    ) -> None:
        self._importer = importer
        self._given = given
        self._say = say
        self._note = note
        self._notebooks: dict[Path, Notebook | None] = {}

    def source(self, path: Path, file: str, asked: Asked) -> Source:
        """Read one of the five for what it says of a function that is asked for."""
        read = self._notebook(path)
        return Source(path, asked) if read is None else CellSource(read, file, asked)

    def _notebook(self, path: Path) -> Notebook | None:
        """Read a file of the five once: to find out whether it has magics, it is parsed."""
        if path not in self._notebooks:
            self._notebooks[path] = read_notebook(path)
        return self._notebooks[path]

    def run(self, path: Path, file: str, module: ModuleType) -> bool:
        """Run the cells that the functions of one of the five need; False if its file is not a notebook."""
        read = self._notebook(path)
        if read is None:
            return False
        importer, names = self._importer, vars(module)
        asked = read_asked(self._given[file].source) if file in self._given else {}
        wanted = list(dict.fromkeys(one.target.partition(".")[0] for one in asked.values()))
        cells = list(read.cells(file))
        lend = lambda name: getattr(importer.stand_in(file), name)  # noqa: E731
        run = Run(file, read.name, cells, names, wanted, lambda: importer.importing, lend, self._say, self._note)
        lacking = importer.lacking(file, module)

        def found(name: str) -> object:
            if file != importer.asked and not name.startswith("__"):
                run.make([name])  # a question needs the wanted names; another file takes any that are there
            return names[name] if name in names else lacking(name)

        names["__getattr__"] = found
        run.run()
        return True


class Run:
    """A notebook that is run for one of the five files, `file`, as far as names are asked for.

    `names` is filled, `wanted` are those that questions ask for, `lend` gives the skeleton's value of a name of the
    module (AttributeError if it has none), `say` describes an exception, `note` takes sentences for the student.
    """

    def __init__(
        self,
        file: str,
        notebook: str,
        cells: Sequence[Cell],
        names: dict[str, Any],
        wanted: Sequence[str],
        importing: Callable[[], bool],
        lend: Callable[[str], object],
        say: Callable[[BaseException], str],
        note: Callable[[str], None],
    ) -> None:
        self._notebook = notebook
        self._file = file
        self._names = names
        self._wanted = wanted
        self._importing = importing
        self._lend = lend
        self._say = say
        self._note = note
        self._done: set[int] = set()
        self._depth = 0
        self._errors: dict[str, BaseException] = {}
        self._cells = cells
        self._slices = Slices(list(self._statements()))
        self._names.update(get_ipython=get_ipython, display=display)

    def run(self) -> None:
        """Run the statements that the wanted names need; raises the error behind the first name that is missing."""
        for cell in self._cells:
            if cell.error is not None:
                self._tell(cell.number, cell.error.lineno or 1, cell.error)
        self.make(self._wanted)
        for name in (name for name in self._wanted if name not in self._names):
            self._name_passed_over(name)
            if (error := self._errors.get(name) or self._broken(name)) is not None:
                raise error

    def make(self, names: Iterable[str], before: int = END) -> None:
        """Run the statements that names need at a place, unless they have run already."""
        for one in self._slices.needed(names, before):
            if one.at not in self._done:
                self._done.add(one.at)
                self._execute(one)

    def _statements(self) -> Iterator[Statement]:
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        at = 0
        for cell in self._cells:
            futures = [one for one in cell.body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
            for alias in (alias for one in futures for alias in one.names):
                flags |= _FUTURES.get(alias.name, 0)
            for node in _flat(cell.body):
                if node not in futures:
                    try:
                        code = compile(ast.Module([node], []), cell.file, "exec", flags, dont_inherit=True)
                    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                        self._tell(cell.number, node.lineno, error)
                        continue
                    yield looked_at(at := at + 1, cell.number, node, code)

    def _execute(self, one: Statement) -> None:
        if isinstance(one.node, ast.ImportFrom) and one.node.module == self._file:
            self._take_from_itself(one.node)
            return
        try:
            if one.code.co_flags & CO_COROUTINE:
                raise LeftOut("`await` outside of a function is not run while grading.")
            exec(one.code, self._names)
        except BaseException as error:  # a cell may raise anything, and costs only what depends on it
            self._tell(one.cell, one.node.lineno, error)
            reason = self._sentence(one.cell, one.node.lineno, error)
            self._fall_back(one)
            for name in one.binds - self._names.keys():
                self._errors[name] = error
                if name not in self._wanted:
                    self._names[name] = self._placeholder(name, reason)

    def _fall_back(self, failed: Statement) -> None:
        """Give names that a statement would have replaced what they were before."""
        gone = failed.binds - self._names.keys()
        if gone and self._depth < DEEPEST:
            self._depth += 1
            self.make(gone, failed.at)
            self._depth -= 1

    def _take_from_itself(self, node: ast.ImportFrom) -> None:
        """`from criterion import SSLLoss` in the notebook that stands in for it: its own, or else the skeleton's."""
        for alias in node.names:
            if alias.name in self._names:
                self._names[alias.asname or alias.name] = self._names[alias.name]
            elif alias.name != "*":
                try:
                    self._names[alias.asname or alias.name] = self._lend(alias.name)
                except AttributeError:
                    continue

    def _placeholder(self, name: str, reason: str) -> Placeholder:
        def refuse() -> None:
            if not self._importing():
                raise LeftOut(f"`{name}` was not made: {reason}")

        return Placeholder(refuse)

    def _broken(self, name: str) -> SyntaxError | None:
        """The reason why the cell that defines a name cannot be read."""
        opening = _opening(name)
        return next((cell.error for cell in self._cells if cell.error is not None and opening.search(cell.code)), None)

    def _name_passed_over(self, name: str) -> None:
        """Tell of cells that would define a name if they were Python's."""
        for cell in self._cells:
            if _opening(name).search(cell.passed_over):
                first = cell.passed_over.split(maxsplit=1)[0]
                said = f"{self._notebook}, cell {cell.number} has {name} and begins with {first}, so it is not Python's"
                self._note(f"{said} and was passed over. Begin it with `%%writefile {self._file}.py` instead.")

    def _sentence(self, cell: int, line: int, error: BaseException) -> str:
        place = f"{self._notebook}, cell {cell}" if cell else self._notebook
        if isinstance(error, SyntaxError):
            said = f"SyntaxError: {error.msg}"
        elif type(error).__name__ == "StillRunning":
            said = "it was still running when the time for importing was up"
        else:
            said = "it ends the program" if isinstance(error, SystemExit) else self._say(error)
        return f"{place}, line {line}: {said}"

    def _tell(self, cell: int, line: int, error: BaseException) -> None:
        said = self._sentence(cell, line, error)
        self._note(f"{said if said.endswith('.') else f'{said}.'} It was left out.")


def _opening(name: str) -> re.Pattern[str]:
    """The line at which the definition of a name begins."""
    return re.compile(rf"^[ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+{re.escape(name)}\b", re.MULTILINE)


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a cell; those under `if __name__ == "__main__":` run in a notebook, too."""
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test).replace('"', "'") == "__name__ == '__main__'":
            yield from _flat(node.body)
        else:
            yield node
