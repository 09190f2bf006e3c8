"""The notebook for Colab and Kaggle runs from top to bottom, up to the cells that need a GPU."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.core.student_files import STUDENT_FILES

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "solutions" / "ssl_kit" / "colab.ipynb"


def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run the cells that need no GPU in `folder`; returns everything that they print."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    notebook = nbformat.reads(NOTEBOOK.read_text("utf-8"), as_version=4)
    notebook.cells = [cell for cell in notebook.cells if "gpu" not in cell.metadata.get("tags", ())]
    done = NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(folder)}}).execute()
    return "".join(output.get("text", "") for cell in done.cells for output in cell.get("outputs", ()))


@pytest.mark.filterwarnings("ignore")  # the kernel's own
def test_it_unpacks_checks_and_trains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = tmp_path / "download" / "assignment"
    shutil.copytree(ROOT / "assignment", answered)
    for name in STUDENT_FILES:
        shutil.copy(ROOT / "solutions" / name, answered / name)
    shutil.make_archive(str(tmp_path / "assignment"), "zip", answered.parent, "assignment")
    said = run(tmp_path, monkeypatch)
    assert re.search(r"\b(\d+) of \1 public checks pass", said) and "k-NN accuracy" in said
    assert (tmp_path / "assignment" / "exp" / "digits" / "log.csv").is_file()


@pytest.mark.filterwarnings("ignore")
def test_without_the_zip_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert f"There is no assignment.zip in {tmp_path}. Upload it there" in run(tmp_path, monkeypatch)


def test_it_does_what_the_page_says() -> None:
    source = "\n".join(cell.source for cell in nbformat.reads(NOTEBOOK.read_text("utf-8"), as_version=4).cells)
    page = (ROOT / "handouts" / "source" / "running.md").read_text("utf-8")
    assert "ssl_kit/colab.ipynb" in page
    assert all(command in source for command in ("check.py", "main.py --method", "--resume", "main_linclis.py"))
