"""Holds the allowed imports, the length of files and functions, and words that no file may have."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILE_LINES, FUNCTION_LINES = 300, 40
LONG_FILES: dict[str, str] = {
    f"solutions/mistakes/{name}.py": "data: the faults of one question"
    for name in ("align", "contrastive", "forward", "knn", "linear", "momentum")
}
"""Files that may be longer, each with the reason."""
LONG_FUNCTIONS: dict[str, str] = {}
"""Functions that may be longer (`file.py:Class.function`), each with the reason."""

MAY_IMPORT = {
    "core": (),
    "language": ("core",),
    "class_list": ("core",),
    "marks": ("core", "class_list"),
    "collect": ("core",),
    "sandbox": ("core",),
    "cases": ("core",),
    "checks": ("core",),
    "reference": ("core", "cases", "checks", "sandbox"),
    "diagnose": ("core", "cases", "checks", "reference"),
    "repair": ("core", "checks", "collect", "diagnose", "reference", "sandbox"),
    "grading": ("core", "cases", "checks", "collect", "diagnose", "reference", "repair", "sandbox"),
    "gradescope": ("core", "grading", "marks"),
    "platforms": ("core", "class_list", "collect", "marks"),
    "report": ("core", "language", "marks"),
    "mystery": ("core", "collect"),
    "runs": ("core", "collect", "sandbox"),
    "encoders": ("core", "collect", "grading", "report", "sandbox"),
    "gradebook": ("core", "class_list", "collect", "marks"),
    "desk": ("core", "collect", "gradebook", "language", "marks", "report"),
    "commands": (
        *("core", "class_list", "desk", "gradebook", "gradescope", "marks", "mystery", "platforms", "report", "runs"),
    ),
    "entry": ("core",),
    "class_outputs": ("core", "collect", "encoders", "gradebook", "marks", "report"),
    "pipeline": (
        *("core", "checks", "class_list", "class_outputs", "collect", "grading", "marks", "platforms", "report"),
        "sandbox",
    ),
    "cli": (*("core", "class_list", "commands", "entry", "grading", "marks", "pipeline", "reference", "report"),),
    "handout": (
        *("core", "cases", "checks", "class_list", "diagnose", "entry", "grading", "language", "marks"),
        *("mystery", "platforms", "reference", "repair", "sandbox"),
    ),
    "__main__": ("entry",),
}
"""The parts that each part of the kit may import in addition to itself. No part imports a later one."""
ENTRY_POINTS = ("autograder/checks/conftest.py",)
"""Files that belong to nobody's stage: plain pytest enters the kit here."""
USES_TORCH = (
    "autograder/handout/compositions/__main__.py",
    "autograder/handout/compositions/given.py",
    "autograder/handout/compositions/observed.py",
    "autograder/handout/compositions/search.py",
    "autograder/handout/compositions/values.py",
    "autograder/handout/mystery/__main__.py",
    "autograder/sandbox/apart.py",
    "autograder/sandbox/child.py",
    "autograder/sandbox/server.py",
    "autograder/sandbox/effort.py",
    "autograder/sandbox/harmless.py",
    "autograder/sandbox/state.py",
    "autograder/sandbox/warm.py",
    "autograder/sandbox/zygote.py",
)
"""Besides the probes: what runs in the warm server, in a process forked from it, or in one that calls given code."""


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, check=True, text=True)
    return [path for name in sorted(set(listed.stdout.split("\0"))) if name and (path := ROOT / name).is_file()]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name."""
    names = {}
    for path in tracked("autograder/*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


def imports(path: Path) -> Iterator[str]:
    """Yield the dotted names that a file imports anywhere: for `from a import b`, `a.b` if that is a module."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}, line {node.lineno}: a relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in modules() else str(node.module)


def part_of(module: str) -> str | None:
    """`sandbox` of `autograder.sandbox.wire`; None outside the package and for the package itself."""
    package, _, rest = module.partition(".")
    return rest.partition(".")[0] or None if package == "autograder" else None


@cache
def arrows() -> dict[str, dict[str, str]]:
    """The other parts that each part of the kit imports, each with a file that does."""
    found: dict[str, dict[str, str]] = {}
    for module, path in modules().items():
        part = part_of(module)
        if part is None or name_of(path) in ENTRY_POINTS:
            continue
        others = {part_of(name) for name in imports(path)} - {None, part}
        found.setdefault(part, {}).update(dict.fromkeys(map(str, others), name_of(path)))
    return found


def test_imports_go_one_way() -> None:
    allowed = {part: {*others} for part, others in MAY_IMPORT.items()}
    wrong = [
        f"{file} imports {other}"
        for part, others in arrows().items()
        for other, file in sorted(others.items())
        if other not in allowed.get(part, set())
    ]
    assert not wrong
    parts = [*MAY_IMPORT]
    assert [part for at, part in enumerate(parts) if allowed[part] & {*parts[at:]}] == [], "imports a later part"


def test_each_part_is_listed_with_what_it_imports_and_no_more() -> None:
    assert {*arrows()} == {*MAY_IMPORT}
    assert {part: sorted(others) for part, others in arrows().items()} == {
        part: sorted(others) for part, others in MAY_IMPORT.items()
    }
    assert all((ROOT / name).is_file() for name in (*ENTRY_POINTS, *USES_TORCH))


def test_nothing_imports_the_instructors_tool() -> None:
    users = [name_of(path) for path in modules().values() if any(part_of(name) == "handout" for name in imports(path))]
    assert [name for name in users if not name.startswith("autograder/handout/")] == []


def test_torch_is_imported_where_student_code_runs_and_nowhere_else() -> None:
    users = {
        name_of(path)
        for path in modules().values()
        if any(re.match(r"torch\b|torchvision\b", name) for name in imports(path))
    }
    assert {name for name in users if not name.startswith("autograder/sandbox/probes/")} <= {*USES_TORCH}


def test_the_commands_do_not_load_torch() -> None:
    code = "import sys, autograder.cli, autograder.handout.cli; raise SystemExit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_probes_are_self_contained() -> None:
    """They are copied to students, who have no `autograder`."""
    for path in tracked("autograder/sandbox/probes/*.py", "assignment/probes/*.py"):
        assert not [name for name in imports(path) if name.startswith("autograder")], name_of(path)


def test_no_module_imports_itself_over_others() -> None:
    for folder in ("autograder", "solutions"):
        known = modules() if folder == "autograder" else {path.stem: path for path in ROOT.glob("solutions/*.py")}
        graph = {module: {name for name in imports(path) if name in known} for module, path in known.items()}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            pytest.fail(" imports ".join(error.args[1][::-1]))


def measured() -> list[Path]:
    return tracked("autograder/*.py", "solutions/*.py", "tests/*.py")


def test_files_are_short() -> None:
    lines = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in measured()}
    long = {name: count for name, count in lines.items() if count > FILE_LINES}
    assert {name: count for name, count in long.items() if name not in LONG_FILES} == {}
    assert [name for name in LONG_FILES if name not in long] == [], "is not long any more"


def functions(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, int]]:
    """Names with their classes, and lines from `def` (not its decorators) to the end, docstring included."""
    for child in ast.iter_child_nodes(node):
        name = f"{prefix}{getattr(child, 'name', '')}"
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield name, (child.end_lineno or child.lineno) - child.lineno + 1
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        yield from functions(child, f"{name}." if named else prefix)


def test_functions_are_short() -> None:
    counted = {f"{name_of(path)}:{name}": count for path in measured() for name, count in functions(tree_of(path))}
    long = {name: count for name, count in counted.items() if count > FUNCTION_LINES}
    assert {name: count for name, count in long.items() if name not in LONG_FUNCTIONS} == {}
    assert [name for name in LONG_FUNCTIONS if name not in long] == [], "is not long any more"


def test_nothing_is_unpickled() -> None:
    """Neither by its name nor by way of torch or NumPy: what a student wrote would run."""
    unsafe = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
    found = []
    for path in tracked("*.py"):
        found += [f"{name_of(path)} imports {name}" for name in imports(path) if name.split(".")[0] in unsafe]
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                found += [f"{name_of(path)}, line {node.lineno}: {why}" for why in _unpickles(node)]
    assert not found


def _unpickles(call: ast.Call) -> Iterator[str]:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    safe = given.get("weights_only")
    if ast.unparse(call.func) == "torch.load" and not (isinstance(safe, ast.Constant) and safe.value is True):
        yield "torch.load without weights_only=True"
    allowed = given.get("allow_pickle")
    if allowed is not None and not (isinstance(allowed, ast.Constant) and allowed.value is False):
        yield "allow_pickle"


FOREIGN = re.compile(
    # The brackets keep this file from finding itself.
    r"(?<![\w.~-])/(?:[h]ome|[U]sers|[r]oot|[w]ork|[m]nt|[s]cratch)/[\w.]+|/[t]mp/[\w.]+/"
    r"|\b[A-Z]:\\\\?[U]sers\b"
    r"|\b(?:[p]ypi\.org|[p]ythonhosted\.org|[d]ownload\.pytorch\.org|[c]onda\.anaconda\.org|[t]est\.pypi)"
    r"|https?://(?:[l]ocalhost|\d+\.\d+\.\d+\.\d+)"
    r"|--(?:extra-)?[i]ndex-url|[t]rusted-host",
)


def test_no_file_knows_the_machine_that_it_was_written_on() -> None:
    found = []
    for path in tracked():
        for number, line in enumerate(path.read_text("utf-8", errors="replace").splitlines(), start=1):
            found += [f"{name_of(path)}, line {number}: {match[0]}" for match in FOREIGN.finditer(line)]
    assert not found
