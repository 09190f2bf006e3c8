"""An update of the kit is merged as `instructor_update.md` says: only what people write is left to them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.handout import cli
from autograder.handout.build import Inputs, generate
from autograder.handout.edit.merged import demand_merged
from autograder.handout.repository import UNTRACKED, find_drift, install

REPOSITORY = Path(__file__).parents[2]
SECTION = "handouts/source/questions/1.2.md"
PERSON = {f"GIT_{who}_{what}": "kit@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
ENVIRONMENT = {**os.environ, **PERSON, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def git(root: Path, *words: str, status: int = 0) -> str:
    done = subprocess.run(["git", *words], cwd=root, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def change(root: Path, inputs: Inputs, points: int, section: str) -> None:
    """Other points and another section, built and committed."""
    header = re.compile(r"Doubling \(\d+ points\)")
    file = root / "solutions" / "criterion.py"
    file.write_text(header.sub(f"Doubling ({points} points)", file.read_text()))
    (root / SECTION).write_text(section)
    install(root, generate(root, inputs))
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "change")


@pytest.fixture
def conflicting(repository: Path, inputs: Inputs) -> Path:
    """A course and an update of the kit that both changed the points and the section; not merged yet."""
    for name in (".gitattributes", ".gitignore"):
        shutil.copy(REPOSITORY / name, repository)
    git(repository, "init", "--quiet", "--initial-branch", "kit")
    change(repository, inputs, 10, "First.\n")
    git(repository, "checkout", "--quiet", "-b", "course")
    change(repository, inputs, 25, "Ours.\n")
    git(repository, "checkout", "--quiet", "kit")
    change(repository, inputs, 22, "Theirs.\n")
    git(repository, "checkout", "--quiet", "course")
    return repository


@pytest.mark.parametrize("typed", [True, False], ids=["with the driver", "without"])
def test_only_what_people_write_is_left_to_a_person(conflicting: Path, inputs: Inputs, typed: bool) -> None:
    if typed:
        git(conflicting, "config", "merge.generated.driver", "true")
    git(conflicting, "merge", "kit", status=1)
    unmerged = set(git(conflicting, "diff", "--name-only", "--diff-filter=U").splitlines())
    written = {"solutions/criterion.py", SECTION}
    assert unmerged == written if typed else unmerged > written
    with pytest.raises(AutograderError, match=r"1\.2\.md, line 1, begins a conflict"):
        demand_merged(conflicting)
    git(conflicting, "checkout", "--theirs", "--", SECTION)
    with pytest.raises(AutograderError, match=r"criterion\.py, line \d+, begins a conflict"):
        cli.main(["--root", str(conflicting), "build"])
    git(conflicting, "checkout", "--ours", "--", "solutions/criterion.py")
    demand_merged(conflicting)
    install(conflicting, generate(conflicting, inputs))
    git(conflicting, "add", "--all")
    git(conflicting, "commit", "--quiet", "--message", "update")
    assert find_drift(conflicting, generate(conflicting, inputs)) == []
    page = (conflicting / "handouts" / "assignment.html").read_text()
    assert "(25 points)" in page and "Theirs." in page


def test_an_open_conflict_in_a_check_is_named_before_anything_runs(repository: Path) -> None:
    file = repository / "autograder/cases/criterion.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text("A = 1\n<<<<<<< HEAD\n=======\n>>>>>>> kit/main\n")
    with pytest.raises(AutograderError, match=r"cases/criterion\.py, line 2, begins a conflict"):
        demand_merged(repository)


def test_git_knows_what_is_generated(repository: Path, inputs: Inputs) -> None:
    paths = [path for path in generate(repository, inputs) if not path.endswith(UNTRACKED)]
    told = git(REPOSITORY, "check-attr", "merge", "--", *paths, SECTION)
    ours = [line.partition(": merge: ") for line in told.splitlines()]
    assert {path for path, _, driver in ours if driver == "generated"} == {*paths}
