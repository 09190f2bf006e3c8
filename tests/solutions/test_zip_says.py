"""`check.py --zip` says of a folder what the grader says of it, and the grader takes the zip without a word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.collect.tree import materialise
from autograder.core.records import STUDENT_FILES, Submission
from autograder.core.settings import Limits
from autograder.handout.build import PUBLIC
from ssl_kit import hand_in
from tests.solutions.conftest import SKELETON, download

Content = Mapping[str, str | bytes | None]
"""The content of files by name, None if one of the five is taken away; a name that ends in `/` is a folder."""
SOLUTIONS = {name: (SKELETON.parent / "solutions" / name).read_text() for name in STUDENT_FILES}
UNTOUCHED = {name: (SKELETON / name).read_text() for name in STUDENT_FILES}
KNN = "def KNN(features, train_features, labels, train_labels, K=1):\n    return 0\n"


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]})


ALL = notebook(*SOLUTIONS.values())
TAKEN: dict[str, Content] = {
    "the five": {},
    "a copy of the skeleton beside": {f"assignment/{name}": text for name, text in UNTOUCHED.items()},
    "the filled ones in a folder": {**UNTOUCHED, **{f"hw3/{name}": text for name, text in SOLUTIONS.items()}},
    "an equal copy": {"backup/main.py": SOLUTIONS["main.py"]},
    "a notebook next to the five": {"hw3.ipynb": ALL},
    "a notebook and the skeleton": {**UNTOUCHED, "hw3.ipynb": ALL},
    "a notebook alone": {**dict.fromkeys(STUDENT_FILES), "hw3.ipynb": ALL},
    "a notebook and its copy": {"validation.py": None, "hw3.ipynb": ALL, "hw3-Copy1.ipynb": ALL},
    "a notebook with a helper": {
        **{
            "validation.py": None,
            "own.py": "x = 1\n",
            "hw3.ipynb": notebook("%matplotlib inline\nfrom own import x", KNN),
        },
    },
    "one exported file": {**dict.fromkeys(STUDENT_FILES), "hw3.py": "\n# %%\n".join(SOLUTIONS.values())},
    "an environment and runs": {
        **{"venv/pyvenv.cfg": "", "venv/lib/python3.11/site-packages/main.py": "x", "wandb/run/main.py": "x"},
        **{"exp/run1/main.py": "x = 1\n", "__pycache__/main.pyc": "", ".git/HEAD": "", "data/x.bin": b"\0"},
    },
    "Latin-1": {"main.py": ("# \xe9\n" + SOLUTIONS["main.py"]).encode("latin-1")},
    "magics": {"main.py": "%matplotlib inline\n" + SOLUTIONS["main.py"]},
    "a package": {"main.py": None, "main/__init__.py": SOLUTIONS["main.py"]},
    "a damaged notebook beside": {"trial.ipynb": "{"},
}
REFUSED: dict[str, tuple[Content, str]] = {
    "a missing file": ({"main.py": None}, "main.py is missing."),
    "an empty file": ({"main.py": ""}, "main.py is empty."),
    "a numbered name": (
        {"criterion.py": None, "criterion (1).py": "x"},
        "if that is your answer, call it criterion.py",
    ),
    "a mistyped name": ({"main_linclis.py": None, "main_lincls.py": "x"}, "there is main_lincls.py"),
    "capital letters": ({"main.py": None, "Main.py": "x"}, "capital letters count"),
    "the skeleton next to a near name": (
        {"validation.py": UNTOUCHED["validation.py"], "validation (1).py": KNN},
        "validation.py is as it was handed out, and validation (1).py is not",
    ),
    "two that differ": ({"a/main.py": "x = 1\n", "b/main.py": "x = 2\n", "main.py": None}, "occurs twice"),
    "a web page": ({"main.py": "<!DOCTYPE html>"}, "main.py is a web page"),
    "a notebook under another name": ({"main.py": ALL}, "main.py is a notebook; call it .ipynb."),
    "notebooks that differ": (
        {"validation.py": None, "a.ipynb": notebook(KNN), "b.ipynb": notebook(KNN, "KNN = None")},
        "more than one notebook defines it (a.ipynb and b.ipynb)",
    ),
    "a damaged notebook": ({"validation.py": None, "hw3.ipynb": "{"}, "hw3.ipynb ends in the middle"),
    "Markdown": ({"validation.py": None, "hw3.md": f"```python\n{KNN}```\n"}, "hw3.md, whose blocks of code define it"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    download(tmp_path / "here", hand_in, monkeypatch)
    return tmp_path / "here"


def fill(folder: Path, content: Content) -> None:
    for name, text in {**SOLUTIONS, **content}.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())


def zipped() -> int:
    return hand_in.main(["--zip", "7"], lambda: 0)


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
def test_it_says_what_the_grader_says(here: Path, content: Content, capsys: pytest.CaptureFixture[str]) -> None:
    fill(here, content)
    tree = materialise(Submission("ann", here), here.with_name("folder"), Limits())
    assert zipped() == 0
    lines = capsys.readouterr().out.partition("\nWrote")[0].splitlines()
    said = [line for line in lines if line != "Grading will say:" and " counts as " not in line]
    assert tree.problems == {}
    assert said == [f"- {line}" for line in [*dict.fromkeys(sum(tree.notes.values(), ())), *tree.remarks]]
    again = materialise(Submission("ann", here / "7.zip"), here.with_name("zip"), Limits())
    assert again.problems == {} and again.remarks == ()
    for module, path in tree.files.items():
        assert (again.root / again.files[module]).read_bytes() == (tree.root / path).read_bytes()


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_it_refuses_in_the_grader_s_words(
    here: Path, content: Content, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(here, content)
    tree = materialise(Submission("ann", here), here.with_name("folder"), Limits())
    assert zipped() == 1
    error = capsys.readouterr().err
    assert sentence in error and not (here / "7.zip").exists()
    assert [line for line in tree.problems.values() if f"- {line}" not in error] == []


def test_what_counts_instead_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(here, {"criterion.py": None, "main.py": None, "hw3.ipynb": ALL})
    assert zipped() == 0
    assert "- hw3.ipynb counts as criterion.py, main.py; the public checks do not look" in capsys.readouterr().out


def test_a_damaged_download_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(here, {})
    (here / PUBLIC / "asked.json").write_text("{}")
    assert zipped() == 2
    assert "ssl_kit/public/ is missing or damaged" in capsys.readouterr().err
