"""Makes a library that is not installed on the grading machine cost nothing until an answer uses it.

A placeholder takes its place. While files are imported, it accepts every use at the top level of a file (a base class,
a decorator, a setting). Afterwards any use raises a LibraryMissing that says what is missing.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import linecache
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

COMMON = ("torch", "torchvision", "numpy", "scipy", "sklearn", "matplotlib", "pandas", "PIL", "tqdm", "tensorboard")
"""Libraries that the message names if they are installed."""
_PLACE = re.compile(r" \(/[^)]*\)$")
"""The place at which Python says that it found a module: a path of this machine."""
_FORGIVING = frozenset(("ImportError", "ModuleNotFoundError", "Exception", "BaseException"))


class LibraryMissing(ImportError):
    """An answer uses a library that is not installed here."""


class Placeholder:
    """Stands for a library or for anything in it; `refuse` raises LibraryMissing unless a file is being imported."""

    def __init__(self, refuse: Callable[[], None]) -> None:
        object.__setattr__(self, "_refuse", refuse)

    def __getattr__(self, name: str) -> Placeholder:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _touched(self)

    def __mro_entries__(self, bases: Sequence[object]) -> tuple[type, ...]:
        refuse = object.__getattribute__(self, "_refuse")

        def make(cls: type, *_: object, **__: object) -> object:
            refuse()
            return object.__new__(cls)

        return (type("Missing", (), {"__new__": make}),)

    def __bool__(self) -> bool:
        _touched(self)
        return True

    def __iter__(self) -> Any:
        _touched(self)
        return iter(())

    def __exit__(self, *_: object) -> None:
        return None


def _touched(self: Placeholder, *_: object, **__: object) -> Placeholder:
    """Stand in for nearly every operation."""
    object.__getattribute__(self, "_refuse")()
    return self


_OPERATORS = """
    call enter getitem setitem delitem setattr contains or ror and rand add radd sub rsub mul rmul truediv rtruediv neg
    matmul lt le gt ge
"""
for _name in _OPERATORS.split():
    setattr(Placeholder, f"__{_name}__", _touched)


class Libraries:
    """Puts placeholders for libraries that files of the hand-in below `root` import and that are not there.

    `importing` tells whether one of the student's files is being imported; `note` reports each library once;
    `where` names the place that lacks it.
    """

    def __init__(
        self,
        root: Path,
        importing: Callable[[], bool],
        note: Callable[[str], None],
        where: str = "where this is graded",
    ) -> None:
        self._where = where
        self._root = f"{root}/"
        self._importing = importing
        self._note = note
        self._import = builtins.__import__

    def install(self) -> None:
        """Take part in every import of this process from now on."""
        builtins.__import__ = self._import_or_stand_in

    def _import_or_stand_in(
        self,
        name: str,
        globals: Mapping[str, object] | None = None,  # noqa: A002  (the names of the builtin's arguments)
        locals: Mapping[str, object] | None = None,  # noqa: A002
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> Any:
        try:
            return self._import(name, globals, locals, fromlist or (), level)
        except (Exception, SystemExit) as error:
            frame = sys._getframe(1)
            top = name.partition(".")[0]
            ours = frame.f_code.co_filename.startswith(self._root)
            # `import torch.nowhere` binds `torch`, which is there: a placeholder would take its place.
            hides = top in sys.modules and not fromlist
            if level or not ours or hides or self._is_own(top) or guarded(frame.f_code.co_filename, frame.f_lineno):
                raise
            return self._stand_in(name, error)

    def _is_own(self, top: str) -> bool:
        """Whether the student handed in a module of this name: then the error is theirs."""
        spec = getattr(sys.modules.get(top), "__spec__", None)
        folders = [folder for folder in sys.path if f"{folder}/".startswith(self._root)]
        there = any(Path(folder, f"{top}.py").exists() or Path(folder, top).is_dir() for folder in folders)
        return there or str(getattr(spec, "origin", "")).startswith(self._root)

    def _stand_in(self, name: str, error: BaseException) -> Placeholder:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            sentence = f"`{error.name}` is not installed {self._where}"
        else:
            reason = _PLACE.sub("", str(error))
            sentence = f"`{name}` cannot be imported {self._where} ({type(error).__name__}: {reason})"

        def refuse() -> None:
            if not self._importing():
                _refuse(sentence)

        self._note(f"{sentence}: an answer that uses it cannot be graded.")
        return Placeholder(refuse)


def _refuse(sentence: str) -> NoReturn:
    raise LibraryMissing(f"{sentence}. Installed are {', '.join(_installed())}.")


@lru_cache
def _installed() -> list[str]:
    return [name for name in COMMON if name in sys.modules or importlib.util.find_spec(name) is not None]


def guarded(file: str, line: int | None) -> bool:
    """Whether the student's own code expects that this import may fail."""
    return any(first <= (line or 0) <= last for first, last in _guarded_lines(file))


@lru_cache
def _guarded_lines(file: str) -> list[tuple[int, int]]:
    """First and last line of every block that an `except ImportError`, or a `suppress` of it, guards."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except Exception:  # each version of Python has its own for a source that is broken
        return []
    blocks = []
    for node in ast.walk(tree):
        caught = [handler.type for handler in node.handlers] if isinstance(node, ast.Try) else []
        if isinstance(node, ast.With):
            calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
            caught = [one for call in calls if "suppress" in ast.unparse(call.func) for one in call.args]
        if isinstance(node, (ast.Try, ast.With)) and any(_forgives(one) for one in caught):
            blocks.append((node.body[0].lineno, node.body[-1].end_lineno or 0))
    return blocks


def _forgives(caught: ast.expr | None) -> bool:
    if caught is None:
        return True
    names = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(ast.unparse(name).split(".")[-1] in _FORGIVING for name in names)
