"""How a student's files are imported: each of the five by itself, the skeleton standing in where one is broken.

A file that can not be imported costs its own questions only. So when `main.py` imports a `criterion.py` that
raises, exits or is missing, the untouched skeleton's file takes its place; only the file whose question is being
asked must import by itself.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import CodeType, ModuleType

from autograder.records import STUDENT_FILES

STUDENT_MODULES = frozenset(file.removesuffix(".py") for file in STUDENT_FILES)
Report = Callable[[str, str], None]
"""Called with which of the five and `importing` or `imported`, so that a death can be laid at the right door."""


class _Student(importlib.machinery.SourceFileLoader):
    """Runs a student's file; where it raises and is not the one asked for, runs the skeleton's instead."""

    def __init__(self, name: str, path: str, stand_in: CodeType | None, report: Callable[[str], None]) -> None:
        super().__init__(name, path)
        self._stand_in = stand_in
        self._report = report

    def exec_module(self, module: ModuleType) -> None:
        self._report("importing")
        try:
            super().exec_module(module)
        except BaseException:
            if self._stand_in is None:
                raise
            exec(self._stand_in, module.__dict__)
        self._report("imported")


class _Given(importlib.abc.InspectLoader):
    """Runs code of the skeleton that was compiled before any student code ran."""

    def __init__(self, code: CodeType) -> None:
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code

    def get_source(self, fullname: str) -> None:
        return None


class Importer(importlib.abc.MetaPathFinder):
    """Finds the five student files and, last, the given files of the skeleton.

    `files` maps a module's name to the student's file, `given` to the skeleton's code. Modules named in
    `replaced` are taken from the skeleton although the student handed them in.
    """

    def __init__(self, files: Mapping[str, Path], given: Mapping[str, CodeType], report: Report) -> None:
        self._files = files
        self._given = given
        self._report = report
        self.asked = ""
        self.replaced: frozenset[str] = frozenset()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        name = self._student_file(fullname)
        if name is None:
            return None
        if name not in self.replaced:
            stand_in = None if name == self.asked else self._given.get(name)
            loader = _Student(fullname, str(self._files[name]), stand_in, partial(self._report, name))
            return importlib.util.spec_from_file_location(fullname, self._files[name], loader=loader)
        if name in self._given:
            return importlib.util.spec_from_loader(fullname, _Given(self._given[name]))
        return None

    def _student_file(self, fullname: str) -> str | None:
        """Which of the five `fullname` is: `criterion`, or `package.criterion` where the file lies in a package."""
        *packages, name = fullname.split(".")
        path = self._files.get(name)
        if path is None or tuple(packages) != path.parts[len(path.parts) - 1 - len(packages) : -1]:
            return None
        return name

    def load(self, name: str) -> ModuleType:
        """Import the student's own `name`; raises whatever the file raises."""
        known = sys.modules.get(name)
        if known is not None and not isinstance(getattr(known.__spec__, "loader", None), _Student):
            del sys.modules[name]  # the skeleton stood in for it; now the student's own file is asked for
        self.asked = name
        sys.argv = [
            str(self._files.get(name, name))
        ]  # a parser at the top of a file finds no arguments, as in a plain run
        try:
            return importlib.import_module(name)
        except ImportError as error:
            if "no known parent package" not in str(error):
                raise
            return importlib.import_module(f"{self._files[name].parent.name}.{name}")  # it lies in a package


class GivenFiles(importlib.abc.MetaPathFinder):
    """Finds the skeleton's files for whatever a submission does not bring along; the last finder to be asked."""

    def __init__(self, given: Mapping[str, CodeType]) -> None:
        self._given = given

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in self._given:
            return importlib.util.spec_from_loader(fullname, _Given(self._given[fullname]))
        return None


def compile_given(folder: Path) -> dict[str, CodeType]:
    """The skeleton's modules, compiled: what stands in for a file that is missing or broken."""
    return {path.stem: compile(path.read_bytes(), path.name, "exec") for path in sorted(folder.glob("*.py"))}


def preload_given(given: Mapping[str, CodeType]) -> None:
    """Import what the skeleton's student files import of the given ones: forked processes find it done."""
    finder = GivenFiles(given)
    sys.meta_path.append(finder)
    for name in sorted({word for student in STUDENT_MODULES & given.keys() for word in given[student].co_names}):
        if name in given and name not in STUDENT_MODULES and name != "check":  # that one is for running a file
            importlib.import_module(name)
    sys.meta_path.remove(finder)


def forget_given(given: Mapping[str, CodeType], folders: Sequence[Path]) -> None:
    """Undo `preload_given` where a submission brings a file of such a name: then its own is meant."""
    if any((folder / f"{name}.py").exists() for folder in folders for name in given if name not in STUDENT_MODULES):
        for name in given:
            sys.modules.pop(name, None)
