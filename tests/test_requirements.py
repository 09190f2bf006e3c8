"""The packages that are asked for: one list in pyproject.toml, and everything else agrees with it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
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


RUNTIME = ranges(PROJECT["dependencies"])
EXTRAS = PROJECT["optional-dependencies"]
DEVELOPMENT = ranges([line for group in EXTRAS.values() for line in group])


def pins() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]


def listed(path: str) -> dict[str, SpecifierSet]:
    """The packages of a requirements file, or of the `pip:` part of an environment file."""
    text = (ROOT / path).read_text("utf-8")
    if path.endswith(".yml"):
        return ranges(re.findall(r"^ {6}- (\S+)$", text.partition("- pip:\n")[2], re.MULTILINE))
    return ranges([line for line in text.splitlines() if line and not line.startswith("#")])


def test_what_is_needed_to_run_and_to_develop_does_not_overlap() -> None:
    assert RUNTIME.keys() & DEVELOPMENT.keys() == set()


@pytest.mark.parametrize("group", [PROJECT["dependencies"], *EXTRAS.values()])
def test_lists_are_in_order(group: list[str]) -> None:
    assert group == sorted(group)


def test_torch_is_at_least_the_version_that_loads_weights_only_by_default() -> None:
    assert RUNTIME["torch"] == SpecifierSet(">=2.6")
    assert "torchvision" in RUNTIME


def test_the_lock_pins_each_package_exactly() -> None:
    for pin in pins():
        assert re.fullmatch(r"==[\w.!+]+", str(pin.specifier)), pin
        assert pin.url is None, pin


@pytest.mark.parametrize(("name", "allowed"), sorted({**RUNTIME, **DEVELOPMENT}.items()))
def test_the_lock_has_each_package_in_its_range(name: str, allowed: SpecifierSet) -> None:
    found = [pin for pin in pins() if canonicalize_name(pin.name) == name]
    assert found, f"{name} is not in requirements.lock"
    assert all(Version(str(pin.specifier).removeprefix("==")) in allowed for pin in found)
    # Several pins are for several Pythons; a package that we ask for may be left out on none.
    assert len(found) > 1 or found[0].marker is None


@pytest.mark.parametrize(("name", "version"), HELD.items())
def test_the_lock_holds_torch_at_the_version_that_everything_was_measured_with(name: str, version: str) -> None:
    assert [str(pin) for pin in pins() if pin.name == name] == [f"{name}=={version}"]


@pytest.mark.parametrize("path", ["environment.yml", "assignment/environment.yml"])
def test_the_conda_environment_has_what_pyproject_asks_for(path: str) -> None:
    assert listed(path) == (listed("assignment/requirements.txt") if path.startswith("assignment") else RUNTIME)
    pythons = re.findall(r"^ {2}- python(\S+)$", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    assert pythons == [PROJECT["requires-python"]]


def test_students_get_a_part_of_it_with_the_same_ranges() -> None:
    students = listed("assignment/requirements.txt")
    assert {"torch", "torchvision", "numpy"} <= students.keys()
    assert {name: RUNTIME.get(name) for name in students} == students


def test_the_lock_is_for_the_oldest_python_that_is_allowed() -> None:
    oldest = PROJECT["requires-python"].removeprefix(">=")
    assert f"--python-version {oldest} " in (ROOT / "requirements.lock").read_text("utf-8").partition("\n\n")[0]
    assert f'python_version = "{oldest}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"sys.version_info < ({oldest.replace('.', ', ')})" in (ROOT / "Makefile").read_text("utf-8")


def test_each_package_that_is_asked_for_is_explained() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\w, -]+) \| \S", text.partition("## Dependencies")[2], re.MULTILINE)
    explained = {name for row in rows for name in row.split(", ")} - {"Package"}
    assert explained == RUNTIME.keys() | DEVELOPMENT.keys()
