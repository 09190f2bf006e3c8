"""Tests what a student's file says of itself, read and never run."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from autograder.core.records import STUDENT_FILES
from autograder.sandbox.source import Asked, Source, read_asked
from tests.course import now

SKELETON = Path(__file__).parents[2] / "assignment"
STUB = 'raise NotImplementedError("Question {} is not implemented yet")'
KNN = read_asked((SKELETON / "validation.py").read_text())[now("2")]
ALIGN = read_asked((SKELETON / "criterion.py").read_text())[now("1.3")]


def source(folder: Path, asked: Asked, text: str) -> Source:
    text = (
        textwrap.dedent(text).replace("STUB-KNN", STUB.format(now("2"))).replace("STUB-ALIGN", STUB.format(now("1.3")))
    )
    path = folder / "student.py"
    path.write_text(text)
    return Source(path, asked)


@pytest.mark.published
def test_the_skeleton_says_what_is_asked() -> None:
    assert KNN.target == "KNN"
    assert KNN.signature == "def KNN(features, train_features, labels, train_labels, K=1)"
    assert KNN.constructor == ""
    assert ALIGN.target == "SSLLoss.align_loss"
    assert ALIGN.constructor.startswith("def __init__(self, loss_type='contrastive', stop_gradient=True, ")


@pytest.mark.parametrize("file", STUDENT_FILES)
def test_nothing_is_said_of_the_skeleton_and_of_the_reference(file: str) -> None:
    for path in (SKELETON / file, SKELETON.parent / "solutions" / file):
        for asked in read_asked((SKELETON / file).read_text()).values():
            read = Source(path, asked)
            assert read.defines
            assert read.untouched == (path.parent == SKELETON)
            assert read.beside_stub() is None and read.elsewhere() is None
            assert not read.other_signature() and not read.reordered()


TWICE = """
    def KNN(features, train_features, labels, train_labels, K=1):
        return 7


    def KNN(features, train_features, labels, train_labels, K=1):
        '''Count.'''
        STUB-KNN
"""
BESIDE = {
    TWICE: "KNN is defined twice, in lines 2 and 6; Python takes the last one, which is the stub.",
    "def KNN(a):\n    return 1\n" * 2 + "def KNN(a):\n    STUB-KNN\n": "3 times, in lines 1, 3 and 5;",
    "def KNN(a):\n    STUB-KNN\n    return 7": "There is code around the stub's `raise` in line 2.",
    "def KNN(a):\n    x = 7\n    STUB-KNN": "There is code around the stub's `raise` in line 3.",
    "def KNN(a):\n    if a:\n        return 7\n    else:\n        STUB-KNN": "`raise` in line 5.",
    "def KNN(a):\n    STUB-KNN\nif True:\n    def KNN(a):\n        return 3": None,
    "def KNN(a):\n  STUB-KNN\nif __name__ == '__main__':\n  def KNN(a):\n    return 3": "(line 4), which does not run",
    "def KNN(a):\n    STUB-KNN\ndef knn(a):\n    return 3": None,
    "def KNN(a):\n    STUB-KNN\nclass Other:\n    def KNN(self):\n        return 3": None,
    "def KNN(a):\n    '''Only words.'''\n    pass\n    STUB-KNN": None,
    "def KNN(a):\n    return 7": None,
    "def KNN(a:": None,
}


@pytest.mark.parametrize(("text", "sentence"), BESIDE.items())
def test_an_answer_beside_the_stub(tmp_path: Path, text: str, sentence: str | None) -> None:
    told = source(tmp_path, KNN, text).beside_stub()
    assert told is None if sentence is None else told is not None and sentence in told


METHOD = "    def align_loss(self, z1, z2):\n        "
BESIDE_METHOD = {
    f"class SSLLoss:\n{METHOD}return 1\n{METHOD}STUB-ALIGN": "align_loss is defined twice, in lines 2 and 4;",
    f"class SSLLoss:\n{METHOD}return 1\nclass SSLLoss:\n{METHOD}STUB-ALIGN": "SSLLoss is defined twice, in lines 1",
    f"class SSLLoss:\n{METHOD}STUB-ALIGN\ndef align_loss(z1, z2):\n    return 1": "at the margin (line 4), not in",
}


@pytest.mark.parametrize(("text", "sentence"), BESIDE_METHOD.items())
def test_a_method_beside_its_stub(tmp_path: Path, text: str, sentence: str) -> None:
    assert sentence in str(source(tmp_path, ALIGN, text).beside_stub())


ELSEWHERE = {
    "class SSLLoss: pass\ndef align_loss(self, z1, z2):\n    return 1": "the margin (line 2), not in SSLLoss. Indent",
    f"class SSLLoss:\n    def f(self):\n        return 1\n        {METHOD.strip()} return 1": "inside f (line 4).",
    f"if __name__ == '__main__':\n  class SSLLoss:\n{METHOD}return 1": "is defined under `if __name__ …` (line 3)",
    f"class sslLoss:\n{METHOD}return 1": "does not define SSLLoss; it defines sslLoss (line 1), and capital letters",
    "class SSLLoss:\n    def Align_Loss(self, z1, z2):\n        return 1": "it defines Align_Loss (line 2)",
    "class SSLLoss:\n    def aline_loss(self, z1, z2):\n        return 1": "it defines aline_loss (line 2). Rename it.",
    f"class SSLoss:\n{METHOD}return 1": "does not define SSLLoss; it defines SSLoss (line 1). Rename it.",
    f"class SSLoss:\n{METHOD}return 1\nclass SSLLoss:\n    pass": "stands in SSLoss (line 2), not in SSLLoss.",
    "class SSLLoss:\n    def barlow_twins_loss(self, z1, z2):\n        return 1": None,
    "class SSLLoss:\n    def align_lose(self, z1):\n        return 1": None,
    f"class Other:\n{METHOD}return 1": "align_loss stands in Other (line 2), not in SSLLoss.",
    f"class sslLoss:\n{METHOD}STUB-ALIGN": None,
    "class Other:\n    def align_loss(self):\n        return 1": None,
    "align_loss = 3": None,
}


@pytest.mark.published
@pytest.mark.parametrize(("text", "sentence"), ELSEWHERE.items())
def test_an_answer_elsewhere(tmp_path: Path, text: str, sentence: str | None) -> None:
    read = source(tmp_path, ALIGN, text)
    assert not read.defines
    told = read.elsewhere()
    assert told is None if sentence is None else told is not None and sentence in told


@pytest.mark.published
@pytest.mark.parametrize(
    ("parameters", "other", "reordered"),
    [
        ("features, train_features, labels, train_labels, K=1", False, False),
        ("a, b, c, d, e", False, False),
        ("features, train_features, labels, train_labels, K=1, metric='dot'", False, False),
        ("features, train_features, labels, train_labels, K=1, *, metric='dot'", False, False),
        ("*everything", False, False),
        ("features, train_features, labels, train_labels", True, False),
        ("features, train_features, labels, train_labels, K, metric", True, False),
        ("features, train_features, labels, train_labels, K=1, *, metric", True, False),
        ("features, labels, train_features, train_labels, K=1", False, True),
    ],
)
def test_parameters(tmp_path: Path, parameters: str, other: bool, reordered: bool) -> None:
    read = source(tmp_path, KNN, f"def KNN({parameters}):\n    return 7")
    assert (read.other_signature(), read.reordered()) == (other, reordered)


def test_lines_that_change_something_in_place(tmp_path: Path) -> None:
    body = "z1 /= 2\n    z2.mul_(3)\n    z1[0] = 1\n    y = z1 / 2\n    y.__init__()\n    return y"
    read = source(tmp_path, KNN, f"def KNN(z1, z2):\n    {body}\ndef f(z):\n    z += 1\n")
    assert list(read.in_place()) == [
        "student.py, line 2, in KNN: z1 /= 2",
        "student.py, line 3, in KNN: z2.mul_(3)",
        "student.py, line 4, in KNN: z1[0] = 1",
    ]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"x = 1\0", b"(" * 100_000, b"if x:\n" + b" elif x: pass\n" * 3000])
def test_whatever_the_file_is_nothing_breaks(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "student.py").write_bytes(data)
    read = Source(tmp_path / "student.py", KNN)
    assert (read.defines, read.untouched, read.beside_stub(), read.elsewhere()) == (False, False, None, None)
    assert not list(read.in_place())
