"""The lines that answer a question are found however a student wrote them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.collect.excerpts import MOST_CHARACTERS, MOST_LINES, read_excerpts
from autograder.collect.tree import Tree
from autograder.core.records import Question

SKELETON = '''
class Model:
    def forward(self, x):
        """Doc."""
        raise NotImplementedError("Question 1.1 is not implemented yet")

def helper():
    pass

def knn(x):
    raise NotImplementedError("Question 2 is not implemented yet")
'''
QUESTIONS = [Question("1.1", "Forward", "model_factory.py", 10), Question("2", "k-NN", "model_factory.py", 10)]


@pytest.fixture
def excerpts(tmp_path: Path):
    (tmp_path / "skeleton").mkdir()
    (tmp_path / "skeleton" / "model_factory.py").write_text(SKELETON)

    def read(text: str | bytes) -> dict[str, list[tuple[int, str]]]:
        (tmp_path / "model_factory.py").write_bytes(text if isinstance(text, bytes) else text.encode())
        tree = Tree(tmp_path, {"model_factory": Path("model_factory.py")})
        return {one.question: list(one.lines) for one in read_excerpts(tree, tmp_path / "skeleton", QUESTIONS)}

    return read


def test_the_method_of_the_right_class_without_its_docstring(excerpts) -> None:
    text = '''class Other:
    def forward(self): pass
class Model(nn.Module):
    def forward(
        self, x
    ):  # mine
        """Doc

        of two paragraphs.
        """

        y = x
# a comment at the margin
        return y

    def other(self): pass
'''
    assert excerpts(text) == {
        "1.1": [
            *[(4, "    def forward("), (5, "        self, x"), (6, "    ):  # mine")],
            *[(11, ""), (12, "        y = x"), (13, "# a comment at the margin"), (14, "        return y")],
        ]
    }


def test_of_two_definitions_the_last_one_counts(excerpts) -> None:
    assert excerpts("def knn(x): return 1\nasync def knn(x):\n\treturn 2\n")["2"] == [
        (2, "async def knn(x):"),
        (3, "\treturn 2"),
    ]


def test_nothing_where_there_is_nothing(excerpts) -> None:
    assert excerpts("") == excerpts("knn = lambda x: 1\n") == excerpts(b"\xff\xfe\x00d\x00e\x00f") == {}


def test_a_flood_is_cut(excerpts, tmp_path: Path) -> None:
    found = excerpts("def knn(x):\n" + f"    x = '{'y' * 10_000}'\n" * 40 + "    x = 1\n" * 10_000_0)["2"]
    assert len(found) == MOST_LINES
    assert max(len(text) for _, text in found) == MOST_CHARACTERS
    (tmp_path / "model_factory.py").unlink()
    os.mkfifo(tmp_path / "model_factory.py")
    tree = Tree(tmp_path, {"model_factory": Path("model_factory.py")})
    assert read_excerpts(tree, tmp_path / "skeleton", QUESTIONS) == ()
