"""The packages that are asked for: pyproject.toml lists them, and everything else agrees with it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from autograder.handout.term.gradescope_zip import LOCKS

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
HELD = {"torch": "2.14.1", "torchvision": "0.29.1"}
"""Pins that are chosen and not just the newest: checks were measured with these."""


def ranges(lines: list[str]) -> dict[str, SpecifierSet]:
    """The allowed versions by package; each package once, without markers or extras."""
    found: dict[str, SpecifierSet] = {}
    for line in lines:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        assert name == requirement.name and name not in found, line
        assert not requirement.extras and requirement.marker is None and requirement.url is None, line
        assert requirement.specifier, f"{line}: no lower bound"
        found[name] = requirement.specifier
    return found


LISTS = {"grading": PROJECT["dependencies"], **PROJECT["optional-dependencies"], **PYPROJECT["dependency-groups"]}
GRADING = ranges(PROJECT["dependencies"])
EXTRAS = {name: ranges(lines) for name, lines in PROJECT["optional-dependencies"].items()}
USED = {**GRADING, **{name: allowed for extra in EXTRAS.values() for name, allowed in extra.items()}}
"""All that the kit itself can use."""
DEVELOPMENT = ranges(PYPROJECT["dependency-groups"]["dev"])


def pins(name: str) -> dict[str, list[Requirement]]:
    """The pins of a lock by package: several pins of one are for several Pythons."""
    found: dict[str, list[Requirement]] = {}
    for line in re.findall(
        r"^[^\s#][^\\\n]*", (ROOT / "requirements" / f"{name}.lock").read_text("utf-8"), re.MULTILINE
    ):
        found.setdefault(canonicalize_name(Requirement(line).name), []).append(Requirement(line))
    return found


TORCH, GRADE, TEST = pins("torch"), pins("grade"), pins("test")


def listed(path: str) -> dict[str, SpecifierSet]:
    """The packages of a requirements file, or of the `pip:` part of an environment file."""
    text = (ROOT / path).read_text("utf-8")
    if path.endswith(".yml"):
        return ranges(re.findall(r"^ {6}- (\S+)$", text.partition("- pip:\n")[2], re.MULTILINE))
    return ranges([line for line in text.splitlines() if line and not line.startswith("#")])


def test_the_extras_are_by_user() -> None:
    assert EXTRAS.keys() == {"student", "handout", "gradebook", "cluster", "similarity", "postgresql"}
    assert USED.keys() & DEVELOPMENT.keys() == set()


def test_a_package_in_several_lists_has_one_range() -> None:
    for extra in EXTRAS.values():
        assert {name: USED[name] for name in extra} == extra
        assert {name: GRADING.get(name, allowed) for name, allowed in extra.items()} == extra


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_in_order(name: str) -> None:
    assert LISTS[name] == sorted(LISTS[name])


def test_torch_is_at_least_the_version_that_loads_weights_only_by_default() -> None:
    assert GRADING["torch"] == SpecifierSet(">=2.6")
    assert "torchvision" in GRADING


@pytest.mark.parametrize("name", ["torch", "grade", "test"])
def test_a_lock_pins_each_package_exactly_and_has_its_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    for block in re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE)[1:]:
        assert re.match(
            r"[a-z0-9-]+==[\w.!+]+ (?:; [^\\\n]+)?\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", block
        ), block
    assert "://" not in text, "it names nobody's index"


@pytest.mark.parametrize(("name", "allowed"), sorted({**USED, **DEVELOPMENT}.items()))
def test_the_locks_have_each_package_in_its_range(name: str, allowed: SpecifierSet) -> None:
    locks = [TORCH] if name in HELD else [TEST, *([GRADE] if name in GRADING else [])]
    for lock in locks:
        assert name in lock, f"{name} is not locked; run `make lock`"
        assert all(Version(str(pin.specifier).removeprefix("==")) in allowed for pin in lock[name])
        # A package that we ask for may be left out on no Python.
        assert len(lock[name]) > 1 or lock[name][0].marker is None


def test_what_grading_has_is_a_part_of_what_the_tests_have() -> None:
    assert {name: {str(pin.specifier) for pin in TEST[name]} for name in GRADE} == {
        name: {str(pin.specifier) for pin in found} for name, found in GRADE.items()
    }
    assert TORCH.keys() & (GRADE.keys() | TEST.keys()) == set()


def test_grading_installs_nothing_that_only_others_need() -> None:
    brought = {"pygments"}  # by rich
    assert GRADE.keys() & ((USED.keys() | DEVELOPMENT.keys()) - GRADING.keys() - brought) == {"packaging"}


@pytest.mark.parametrize(("name", "version"), HELD.items())
def test_the_lock_holds_torch_at_the_version_that_everything_was_measured_with(name: str, version: str) -> None:
    assert [str(pin) for pin in TORCH[name]] == [f"{name}=={version}"]


@pytest.mark.parametrize("path", ["environment.yml", "assignment/environment.yml"])
def test_the_conda_environment_has_what_pyproject_asks_for(path: str) -> None:
    assert listed(path) == (EXTRAS["student"] if path.startswith("assignment") else USED)
    pythons = re.findall(r"^ {2}- python(\S+)$", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    assert pythons == [PROJECT["requires-python"]]


def test_students_get_their_extra() -> None:
    assert listed("assignment/requirements.txt") == EXTRAS["student"]
    assert {"torch", "torchvision", "numpy"} <= EXTRAS["student"].keys()


def test_gradescope_gets_what_make_grade_installs() -> None:
    """The contents of its zip and of setup.sh are tested in tests/gradescope."""
    shown = subprocess.run(["make", "-n", "-B", ".venv/.grade"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.findall(r"--requirement (\S+)", shown.stdout) == [*LOCKS]


def test_the_locks_are_for_the_oldest_python_that_is_allowed() -> None:
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert f'python_version = "{oldest}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"sys.version_info < ({oldest.replace('.', ', ')})" in (ROOT / "Makefile").read_text("utf-8")
    assert any("3.12" in str(pin.marker) for found in TEST.values() for pin in found), "it is not for one Python only"


def test_each_package_that_is_asked_for_is_explained_with_the_list_that_has_it() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition("## Dependencies")[2]
    explained: dict[str, set[str]] = {}
    for packages, lists in re.findall(r"^\| ([\w, -]+) \| ([a-z, ]+) \| \S", text, re.MULTILINE):
        explained |= {name: set(lists.split(", ")) for name in packages.split(", ")}
    asked: dict[str, set[str]] = {}
    for name, lines in LISTS.items():
        for package in ranges(lines):
            asked.setdefault(package, set()).add(name)
    assert explained == asked
