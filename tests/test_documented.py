"""Everything that the pages name exists, and everything that they should name is on them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from autograder.core.records import STUDENT_FILES
from autograder.core.settings import MIB, Limits

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z_-]*")
PATH = re.compile(r"[\w*.-]+(?:/[\w*.-]+)*/?")
SUFFIXES = (".py", ".md", ".toml", ".json", ".html", ".yml", ".yaml", ".lock", ".csv", ".j2", ".css", ".ipynb")
MADE_BY_USE = (
    *(".venv/", "release/", "grades/", "submissions/", "submitted/", "gradebook.csv", "times.csv", "requests.csv"),
    *("handouts/assignment.zip", ".devcontainer/", "mystery.toml", "log.csv", "exp/"),
    *("feedback/", "feedback-canvas.csv", "mail/"),
)
"""Files that the commands make, or that a user brings along."""
NOT_OURS = {
    *("--build-arg", "--file", "--privileged", "--rm", "--tag", "--user", "--userns", "--volume"),
    *("--editable", "--install", "--update"),
}
"""Flags of Docker and Podman, pip and WSL."""
SUBCOMMANDS = ("build", "preview", "new-question", "gradescope", "mystery")
"""Commands of `handout` that have flags of their own."""
OF_RESULTS = (
    *(
        "export canvas",
        "export moodle",
        "export blackboard",
        "export brightspace",
        "override",
        "regrade",
        "review",
        "requests",
    ),
    *("export csv", "export nbgrader", "export gradescope", "export mail", "diff", "trend", "show", "viva", "mystery"),
)
"""Commands of `autograde` besides grading itself."""


def page(name: str) -> str:
    path = ROOT / name
    assert path.is_file(), f"{name} is missing"
    return path.read_text("utf-8")


@cache
def help_of(command: str) -> str:
    arguments = {
        **{
            " ".join(("autograde", *words)): ["-m", "autograder", *words, "--help"]
            for words in ((), *(one.split() for one in OF_RESULTS))
        },
        **{
            " ".join(("handout", *words)): ["-m", "autograder.handout.cli", *words, "--help"]
            for words in ((), *((one,) for one in SUBCOMMANDS))
        },
        "pytest": ["-m", "pytest", "--help", "tests"],
        "checks": ["-m", "pytest", "--help", "autograder/checks"],
    }
    done = subprocess.run([sys.executable, *arguments[command]], cwd=ROOT, capture_output=True, check=True, text=True)
    return done.stdout


def flags_of(command: str) -> set[str]:
    more = {"handout": SUBCOMMANDS, "autograde": OF_RESULTS}.get(command, ())
    return {
        *FLAG.findall(help_of(command)),
        *(flag for one in more for flag in FLAG.findall(help_of(f"{command} {one}"))),
    }


def targets() -> set[str]:
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert phony is not None
    return {*phony[1].split()}


def test_each_target_has_one_recipe() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    heads = re.findall(r"^([a-z][a-z-]*):(?!=)", makefile, re.MULTILINE)
    assert sorted(heads) == sorted(targets())


def code(text: str) -> Iterator[str]:
    """Every line of a fenced block, and every span of code; comments at the ends of lines left out."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    yield from (re.sub(r"(^|\s)#.*", "", line) for block in blocks for line in block.splitlines())
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("command", ["autograde", "handout"])
def test_each_flag_is_documented(command: str) -> None:
    """For users: what CONTRIBUTING.md says is for developers, and does not count."""
    named = {flag for name in PAGES if name != "CONTRIBUTING.md" for flag in FLAG.findall(page(name))}
    assert flags_of(command) - named == set()


def test_defaults_are_those_of_the_code() -> None:
    limits = Limits()
    meant = {
        "--timeout": limits.timeout,
        "--memory": limits.memory / MIB,
        "--unpacked": limits.unpacked / MIB,
        "--members": limits.members,
        "--repair": limits.repair,
    }
    rows = re.findall(r"^\| `(--\w+) .*\| ([\d.]+) \|$", page("docs/grading.md"), re.MULTILINE)
    assert {flag: float(default) for flag, default in rows} == meant


def test_the_readme_leads_to_each_page_of_docs() -> None:
    """In one step, or in two."""
    there = {name for name in PAGES if name.startswith("docs/")}
    near = {name for name in there if name in page("README.md")}
    assert there - near - {name for name in there for one in (*near, "CONTRIBUTING.md") if name in page(one)} == set()


@pytest.mark.parametrize("name", PAGES)
def test_each_flag_that_is_named_exists(name: str) -> None:
    """In a command line it is that command's own; alone it is one of ours."""
    training = {
        flag for path in (ROOT / "solutions").rglob("*.py") for flag in re.findall(r'"(--\w+)"', path.read_text())
    }
    tests = flags_of("pytest") | flags_of("checks")
    ours = flags_of("autograde") | flags_of("handout") | training | (flags_of("checks") - flags_of("pytest"))
    for snippet in code(page(name)):
        words = snippet.split()
        known = tests if "pytest" in words else ours | NOT_OURS
        for command in ("autograde", "handout"):
            if any(word.rpartition("/")[2] == command for word in words):
                known = flags_of(command)
        assert {*FLAG.findall(snippet)} - known == set(), f"{name}: {snippet}"


@pytest.mark.parametrize("name", PAGES)
def test_each_target_and_command_that_is_named_exists(name: str) -> None:
    for snippet in code(page(name)):
        words = snippet.replace(";", " ; ").split()
        for word, following in pairwise([*words, ""]):
            if word == "make" and "apt" not in words:
                assert following in targets(), f"{name}: {snippet}"
            if word.rpartition("/")[2] == "handout" and re.fullmatch(r"[a-z]+", following):
                assert following in re.findall(r"[a-z]+", help_of("handout").partition("{")[2].partition("}")[0]), (
                    snippet
                )


def test_each_target_is_told_of() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    told = {*re.findall(r"^make ([\w-]+)", shown.stdout, re.MULTILINE)}
    assert told == targets() - {"help"}
    written = {*re.findall(r"\bmake ([\w-]+)", "\n".join(line for name in PAGES for line in code(page(name))))}
    assert told - written == set(), "no page names it"


@cache
def tracked() -> tuple[str, ...]:
    """Files and folders of the repository, folders with a stroke at the end."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    files = [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    folders = {f"{parent}/" for name in files for parent in Path(name).parents if parent != Path()}
    return (*files, *sorted(folders))


def paths(text: str) -> Iterator[str]:
    """The words of code that are paths in the repository, placeholders filled in."""
    for snippet in code(text):
        for word in snippet.split():
            word = word.strip(",;:()'\"")
            is_path = PATH.fullmatch(word) and ("/" in word.rstrip("*") or word.endswith(SUFFIXES)) and word != "/"
            if is_path and not word.startswith(MADE_BY_USE) and "DIR" not in word:
                stems = [file.removesuffix(".py") for file in STUDENT_FILES] if "FILE" in word else [""]
                yield from (word.replace("FILE", stem) for stem in stems)
    yield from (link for link in re.findall(r"\]\(([^)#:]+)\)", text))


def exists(path: str) -> bool:
    """As a path from the root, or as the end of one: `sandbox/wire.py`; with or without the stroke of a folder."""
    ends = {path, path.rstrip("/") + "/"}
    return any(fnmatch(name, end) or fnmatch(name, f"*/{end}") for name in tracked() for end in ends)


@pytest.mark.parametrize("name", PAGES)
def test_each_path_that_is_named_exists(name: str) -> None:
    found = list(paths(page(name)))
    assert found, "no path was recognised at all"
    assert [path for path in found if not exists(path)] == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_left_to_be_filled_in(name: str) -> None:
    assert re.findall(r"\b(?:\w*_?PLACEHOLDER|TODO|FIXME|TBD|XXX)\b", page(name)) == []
