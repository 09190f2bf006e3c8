"""The skeleton's modules in the warm server: compiled and imported once for every process forked from it."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from autograder.sandbox.importer import KIT, STUDENT_MODULES, Given, Importer, is_own, places


def compile_given(folder: Path) -> dict[str, Given]:
    """Compile the skeleton's modules, by dotted name: they stand in for files that are missing or broken."""
    found: dict[str, Given] = {}
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(folder)
        for package in relative.parents[:-1]:
            init = str(package / "__init__.py")
            found.setdefault(".".join(package.parts), Given(init, "", compile("", init, "exec")))
        source = path.read_text("utf-8")
        code = compile(source, str(relative), "exec", dont_inherit=True)
        name = relative.parent if path.name == "__init__.py" else relative.with_suffix("")
        found[".".join(name.parts)] = Given(str(relative), source, code)
    return found


def preload_given(given: Mapping[str, Given]) -> None:
    """Import the given modules that the skeleton's student files import, so that forked processes need not."""
    finder = Importer({}, given, lambda *_: None)
    sys.meta_path.append(finder)
    for name in sorted({name for student in STUDENT_MODULES & given.keys() for name in _imported(given[student])}):
        if name in given and name not in STUDENT_MODULES and name != f"{KIT}.check":  # that one is for running a file
            importlib.import_module(name)
    sys.meta_path.remove(finder)


def _imported(given: Given) -> Iterator[str]:
    """Yield every name that may be that of a module which a file imports."""
    for node in ast.walk(ast.parse(given.source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def settle_given(given: Mapping[str, Given], folders: Sequence[Path], handed_in: Collection[str]) -> None:
    """Place the modules of `preload_given` next to a student's files, or undo it if the student has one of them.

    The skeleton's modules of `handed_in`, which those import, give way to the student's: another file may import them
    before a question does.
    """
    loaded = {name: module for name in given if (module := sys.modules.get(name)) is not None}
    if any(is_own(name, given[name], folders) for name in loaded if name not in STUDENT_MODULES):
        for name in loaded:
            del sys.modules[name]
        return
    for name, module in loaded.items():
        module.__file__ = str(folders[0] / given[name].path)
        if hasattr(module, "__path__"):
            module.__path__ = places(name, folders)
    for name in loaded.keys() & set(handed_in):
        del sys.modules[name]
