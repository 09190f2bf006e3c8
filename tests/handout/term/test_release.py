"""What is uploaded, in the layout of each platform: fetched from nbgrader, pushed to GitHub, unpacked from a zip."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.core.records import STUDENT_FILES
from autograder.handout.build import pages_of
from autograder.handout.course import load_course
from autograder.handout.files.secrets import leaks
from autograder.handout.files.student_zip import zipped
from autograder.handout.pages.fill import TAKEN_ALONG
from autograder.handout.repository import install
from autograder.handout.term.gradescope_zip import gradescope_zip
from autograder.handout.term.release import release_files
from autograder.platforms.folders import collect_submissions, find_layout

ROOT = Path(__file__).parents[3]
FOR_STAFF = ("gradescope.zip", "nbgrader/source/")


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    """`release/` for what lies in the repository, by the names in it."""
    found = [
        *(ROOT / "assignment").rglob("*"),
        *(ROOT / "handouts").glob("*.*"),
        ROOT / "autograder" / "core" / "rubric.json",
    ]
    kept = [path for path in found if path.is_file() and "__pycache__" not in path.parts]
    files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in kept}
    pdfs = {path: bytes(page) for path, page in pages_of(ROOT).items() if isinstance(page, bytes)}
    students = {path.partition("/")[2]: content for path, content in files.items() if path.startswith("assignment/")}
    handout = {name: {**files, **pdfs}[f"handouts/{name}"] for name in TAKEN_ALONG}
    files |= {**pdfs, "handouts/assignment.zip": zipped({**students, **handout})}
    return {path.removeprefix("release/"): content for path, content in release_files(ROOT, files).items()}


def below(made: Mapping[str, bytes], folder: str, into: Path) -> Path:
    for path, content in made.items():
        if path.startswith(f"{folder}/"):
            place = into / path.removeprefix(f"{folder}/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    return into


def test_students_get_the_same_wherever_they_get_it_and_nothing_secret(made: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(made["assignment.zip"])) as archive:
        zipped = {name.removeprefix("assignment/"): archive.read(name) for name in archive.namelist()}
    pages = {"assignment.html", "assignment.pdf", "lab0.html", "lab0.pdf"}
    classroom = {path.removeprefix("classroom/"): made[path] for path in made if path.startswith("classroom/")}
    own = {"README.md", ".gitignore", ".github/workflows/check.yml", ".devcontainer/devcontainer.json"}
    assert {path: classroom[path] for path in classroom.keys() - own} == {
        path: zipped[path] for path in zipped.keys() - {"README.md"}
    }
    fetched = {path.removeprefix("nbgrader/release/ssl/") for path in made if path.startswith("nbgrader/release/")}
    assert fetched == zipped.keys() - pages
    public = {path: content for path, content in made.items() if not path.startswith(FOR_STAFF)}
    assert list(leaks(ROOT, public, load_course(ROOT / "solutions" / "course.toml").seed)) == []


def test_gradescopes_zip_is_that_of_the_command(made: dict[str, bytes]) -> None:
    """How it runs in their layout is tested in tests/gradescope."""
    assert made["gradescope.zip"] == gradescope_zip(ROOT, None, leaderboard=False, sandbox=True)


def test_a_codespace_has_the_students_python_and_packages(made: dict[str, bytes]) -> None:
    container = json.loads(made["classroom/.devcontainer/devcontainer.json"])
    workflow = yaml.safe_load(made["classroom/.github/workflows/check.yml"])
    (job,) = workflow["jobs"].values()
    (python,) = [step["with"]["python-version"] for step in job["steps"] if "with" in step]
    assert container["image"].endswith(f"/python:{python}")
    assert container["postCreateCommand"] in [step.get("run") for step in job["steps"]]


def test_a_push_to_github_runs_the_public_checks(made: dict[str, bytes], tmp_path: Path) -> None:
    """The workflow's own steps, but for what GitHub's machine installs, on a copy with the reference filled in."""
    starter = below(made, "classroom", tmp_path)
    for file in STUDENT_FILES:
        (starter / file).write_bytes((ROOT / "solutions" / file).read_bytes())
    workflow = yaml.safe_load((starter / ".github/workflows/check.yml").read_text())
    assert "push" in workflow[True]  # `on`, as YAML 1.1 reads it
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    actions = [step["uses"] for step in job["steps"] if "uses" in step]
    assert len(actions) == 2 and all(re.fullmatch(r"actions/[a-z-]+@v\d+", action) for action in actions)
    install_step, *rest = [step["run"] for step in job["steps"] if "run" in step]
    assert shlex.split(install_step) == ["python", "-m", "pip", "install", "--requirement", "requirements.txt"]
    assert (starter / "requirements.txt").is_file() and rest
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command in rest:
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command]
        done = subprocess.run(shell, cwd=starter, env={**os.environ, "PATH": path}, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    badge = "[![Public checks](../../actions/workflows/check.yml/badge.svg)](../../actions/workflows/check.yml)\n"
    assert (starter / "README.md").read_text().startswith(badge)


def test_nbgrader_releases_fetches_and_collects(
    made: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By nbgrader's own functions, through an exchange folder; what it makes of `source` is what `release` holds."""
    course = below(made, "nbgrader", tmp_path / "course")
    before = (course / "release/ssl/report.ipynb").read_text()
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange").chmod(0o777)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path / "home")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's own, about the libraries under it
        api, student, fetch, submit = _nbgrader(course, tmp_path / "exchange")
        for step in (lambda: api.generate_assignment("ssl", force=True), lambda: api.release_assignment("ssl")):
            done = step()
            assert done["success"], done
        assert (course / "release/ssl/report.ipynb").read_text().rstrip() == before.rstrip()
        fetch(**student).start()
        (tmp_path / "home/ssl/criterion.py").write_bytes((ROOT / "solutions/criterion.py").read_bytes())
        submit(**student).start()
        done = api.collect("ssl")
        assert done["success"], done
    assert find_layout(course / "submitted") == "nbgrader"
    (found,) = collect_submissions(course / "submitted", "nbgrader")
    assert {*STUDENT_FILES, "report.ipynb"} <= {path.name for path in found.origin.iterdir()}
    assert (found.origin / "criterion.py").read_bytes() == (ROOT / "solutions/criterion.py").read_bytes()


def _nbgrader(course: Path, exchange: Path) -> tuple[Any, dict[str, Any], Any, Any]:
    from nbgrader.apps import NbGraderAPI
    from nbgrader.auth import Authenticator
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeSubmit
    from traitlets.config import Config

    said: dict[str, Any] = {}
    config = (course / "nbgrader_config.py").read_text()
    settings = Config()
    exec(config, {"get_config": lambda: settings}, said)
    settings.CourseDirectory.root = str(course)
    settings.Exchange.root = str(exchange)
    settings.Exchange.timezone = "UTC"
    settings.Application.log_level = "CRITICAL"
    api = NbGraderAPI(CourseDirectory(config=settings), config=settings)
    settings = settings.copy()
    settings.CourseDirectory.assignment_id = "ssl"
    asked = {"coursedir": CourseDirectory(config=settings), "authenticator": Authenticator(config=settings)}
    return api, {**asked, "config": settings}, ExchangeFetchAssignment, ExchangeSubmit


def test_the_folder_is_exchanged_whole_and_is_no_drift(made: dict[str, bytes], tmp_path: Path) -> None:
    stale = tmp_path / "release" / "old.zip"
    stale.parent.mkdir()
    stale.write_text("last year's")
    install(tmp_path, {f"release/{path}": content for path, content in made.items()})
    assert not stale.exists()
    assert (tmp_path / "release" / "gradescope.zip").read_bytes() == made["gradescope.zip"]
    ignored = subprocess.run(["git", "check-ignore", "release/gradescope.zip"], cwd=ROOT, capture_output=True)
    assert ignored.returncode == 0
