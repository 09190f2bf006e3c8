"""Imports a student's files: each of the five by itself, with the skeleton standing in for a missing one.

A file that cannot be imported costs its own questions only. So an exception at its top level ends the file there and
is kept: code that imports the file finds the definitions so far, and the skeleton's for everything else. When the
file's own question is asked, only its own definitions count.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

from ssl_kit.public.student_files import STUDENT_FILES

STUDENT_MODULES = frozenset(file.removesuffix(".py") for file in STUDENT_FILES)
KIT = "ssl_kit"
"""The package that students are given."""
FLAT = frozenset(
    (
        *(
            "checkpoints",
            "data",
            "differences",
            "engine",
            "experiments",
            "first_run",
            "flags",
            "grids",
            "hand_in",
            "logs",
        ),
        *("methods", "monitor", "networks", "plots", "ranks", "reporting", "training", "views"),
    )
)
"""Modules of it that once lay next to the five files: work begun then imports them by these names."""
MOVED = {"criterion": "pixels", "main": "pretraining", "main_linclis": "linear", "validation": "measures"}
"""The modules that now hold names which four of the five held then."""
Report = Callable[[str, str], None]
"""Called with the file of the five and `importing` or `imported`, so that a death is blamed on the right file."""


@dataclass(frozen=True)
class Given:
    """A module of the skeleton, compiled before any student code ran."""

    path: str
    """Relative to the skeleton's folder."""
    source: str
    code: CodeType


class _Student(importlib.machinery.SourceFileLoader):
    """Runs a student's file from its source; an exception is kept, and not raised."""

    def __init__(self, name: str, path: str, importer: Importer, file: str) -> None:
        super().__init__(name, path)
        self._importer = importer
        self._file = file

    def get_code(self, fullname: str) -> CodeType:
        """Compile the source: bytecode that was handed in is never run."""
        return self.source_to_code(self._importer.read(Path(self.path)), self.path)

    def exec_module(self, module: ModuleType) -> None:
        with self._importer.running(self._file, module):
            if not self._importer.run_instead(Path(self.path), self._file, module):
                super().exec_module(module)


class _Flat(importlib.abc.Loader):
    """Imports a module of the kit by the name that it had next to the five files."""

    def exec_module(self, module: ModuleType) -> None:
        sys.modules[module.__name__] = importlib.import_module(f"{KIT}.{module.__name__}")


class _Skeleton(importlib.abc.ExecutionLoader):
    """Runs a module of the skeleton as if it lay next to the student's files, with its source to look at."""

    def __init__(self, given: Given, folder: Path, bears: bool) -> None:
        """`bears`: a partial import is enough, if the modules that it imports are partial too."""
        self._given = given
        self._path = folder / given.path
        self._bears = bears

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ in MOVED:
            vars(module)["__getattr__"] = _moved(module.__name__)
        with contextlib.suppress(*([Exception] if self._bears else [])):
            super().exec_module(module)

    def get_filename(self, fullname: str) -> str:
        return str(self._path)

    def is_package(self, fullname: str) -> bool:
        return self._path.name == "__init__.py"

    def get_code(self, fullname: str) -> CodeType:
        return self._given.code

    def get_source(self, fullname: str) -> str:
        return self._given.source


class Importer(importlib.abc.MetaPathFinder):
    """Finds the five student files, and the skeleton's for every file that a submission lacks.

    `files` maps a module's name to the student's file below `root`; `folders` are those of the path that lie in the
    hand-in. Modules named in `replaced` are taken from the skeleton although the student handed them in.
    """

    def __init__(
        self,
        files: Mapping[str, Path],
        given: Mapping[str, Given],
        report: Report,
        root: Path = Path(),
        folders: Sequence[Path] = (),
    ) -> None:
        self._files = files
        self._given = given
        self._report = report
        self._root = root
        self._folders = folders or [root]
        self._running: list[str] = []
        self._lent: dict[str, set[str]] = {}
        """By file that raised: the names that the skeleton's file has lent it."""
        self._stand_ins: dict[str, ModuleType] = {}
        self.asked = ""
        self.raised: dict[str, BaseException] = {}
        """By file of the five: the exception at its top level."""
        self.replaced: frozenset[str] = frozenset()
        self.read: Callable[[Path], bytes] = Path.read_bytes
        """Reads a file of the five."""
        self.run_instead: Callable[[Path, str, ModuleType], bool] = lambda *_: False
        """Runs a file of the five that is not plain Python; False if it is plain."""

    @property
    def importing(self) -> bool:
        """Whether one of the five is being imported."""
        return bool(self._running)

    @property
    def file(self) -> str:
        """The file of the five at work: the one that is being imported, or the one that is asked."""
        return self._running[-1] if self._running else self.asked

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        name = self._student_file(fullname)
        if name is not None and name not in self.replaced:
            file = str(self._files[name])
            return importlib.util.spec_from_file_location(fullname, file, loader=_Student(fullname, file, self, name))
        given = self._given.get(name or fullname)
        if name is None and (given is not None or fullname in FLAT) and is_own(fullname, given, self._folders):
            return None
        if given is None:
            return importlib.machinery.ModuleSpec(fullname, _Flat()) if fullname in FLAT else None
        spec = importlib.util.spec_from_loader(fullname, _Skeleton(given, self._folders[0], name is not None))
        if spec is not None and spec.submodule_search_locations is not None:
            spec.submodule_search_locations = places(fullname, self._folders)
        return spec

    def _student_file(self, fullname: str) -> str | None:
        """The file of the five that `fullname` names: `criterion`, or `package.criterion` if it is in a package."""
        *packages, name = fullname.split(".")
        path = self._files.get(name)
        if path is None:
            return None
        place = path.parent if path.name == "__init__.py" else path
        return name if tuple(packages) == place.parts[len(place.parts) - 1 - len(packages) : -1] else None

    def load(self, name: str) -> ModuleType:
        """Import the student's own `name`. An exception of its code is in `raised`; this raises if it is missing."""
        self.asked = name
        known = sys.modules.get(name)
        if known is not None and not isinstance(getattr(known.__spec__, "loader", None), _Student):
            del sys.modules[name]  # the skeleton stood in for it; now the student's own file is asked for
        # A parser at the top of a file finds no arguments, as in a plain run.
        sys.argv = [str(self._files.get(name, name))]
        module = importlib.import_module(name)
        for lent in self._lent.pop(name, ()):
            vars(module).pop(lent, None)
        parent = self._files[name].parent if name in self._files else self._root
        if "no known parent package" in str(self.raised.get(name)) and parent not in (self._root, Path()):
            del sys.modules[name], self.raised[name]
            return importlib.import_module(f"{parent.name}.{name}")  # it lies in a package
        return module

    def running(self, file: str, module: ModuleType) -> _Run:
        """A context for the top-level code of one of the five."""
        return _Run(self, file, module)

    def begin(self, file: str) -> None:
        """Note that one of the five is about to run."""
        self._report(file, "importing")
        self._running.append(file)

    def end(self, file: str, module: ModuleType, error: BaseException | None) -> None:
        """Note that it has run, to its end or until it raised `error`."""
        self._running.remove(file)
        if error is None:
            self.raised.pop(file, None)
        else:
            self.raised[file] = error
        if file != self.asked and error is not None and file in self._given:
            lent = {name: value for name, value in vars(self.stand_in(file)).items() if name not in vars(module)}
            self._lent[file] = set(lent)
            vars(module).update(lent)
        vars(module).setdefault("__getattr__", self.lacking(file, module))
        self._report(file, "imported")

    def lacking(self, file: str, module: ModuleType) -> Callable[[str], object]:
        """The look-up of a missing name in a module: another file gets the skeleton's, a question gets none."""

        def lacking(name: str) -> object:
            if file != self.asked and file in self._given and not name.startswith("__"):
                with contextlib.suppress(AttributeError):
                    return getattr(self.stand_in(file), name)
            text = f"module {module.__name__!r} has no attribute {name!r}"
            raise AttributeError(text, name=name, obj=module)

        return lacking

    def stand_in(self, file: str) -> ModuleType:
        """The skeleton's module of this name, made when it is first needed."""
        if file not in self._stand_ins:
            module = ModuleType(file)
            module.__file__ = str(self._folders[0] / self._given[file].path)
            vars(module)["__getattr__"] = _moved(file)
            self._stand_ins[file] = module
            with contextlib.suppress(Exception):  # if the five import each other in a circle, half of it is enough
                exec(self._given[file].code, vars(module))
        return self._stand_ins[file]


class _Run:
    """Reports begin and end of a file, and keeps what it raises."""

    def __init__(self, importer: Importer, file: str, module: ModuleType) -> None:
        self._importer = importer
        self._file = file
        self._module = module

    def __enter__(self) -> None:
        self._importer.begin(self._file)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        self._importer.end(self._file, self._module, error)
        return True


def is_own(fullname: str, given: Given | None, folders: Sequence[Path]) -> bool:
    """Whether a module was handed in; a folder without code does not count, nor an equal copy of the given one."""
    bare = [Path(folder, *fullname.split(".")) for folder in folders]
    there = [one for path in bare for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()]
    if given is None:
        return bool(there) or any(inside for path in bare for inside in path.glob("*.py"))
    return any(one.read_bytes() != given.source.encode() for one in there)


def places(package: str, folders: Sequence[Path]) -> list[str]:
    """The folders in which modules of a package may lie that are not given."""
    return [str(Path(folder, *package.split("."))) for folder in folders]


def _moved(file: str) -> Callable[[str], object]:
    """The look-up in a skeleton's module of a name that one of the five once held."""

    def moved(name: str) -> object:
        holder = MOVED.get(file)
        if holder is not None and not name.startswith("__"):
            return getattr(importlib.import_module(f"{KIT}.{holder}"), name)
        raise AttributeError(f"module {file!r} has no attribute {name!r}", name=name)

    return moved
