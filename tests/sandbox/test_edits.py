"""The changes that are tried: what each kind of slip is turned back into, and files that have none."""

from __future__ import annotations

import ast
import textwrap

import pytest

from autograder.sandbox.edits.file import MOST, Edit, File, apply
from autograder.sandbox.edits.scope import KINDS
from autograder.sandbox.protocol import read_edits
from autograder.sandbox.wire import Message, WireError

GIVEN = File(b"")
SLIPS = (
    ("x.sum(dim=0)", "x.sum(dim=1)"),
    ("x.sum(dim=-1)", "x.sum(dim=1)"),
    ("x.sum(1)", "x.sum(0)"),
    ("x.sum(0)", "x.sum()"),
    ("x.sum()", "x.sum(dim=1)"),
    ("x.mean(dim=1)", "x.mean(dim=1, keepdim=True)"),
    ("x * 3", "x * 2"),
    ("x * 0.9", "x * 0.09999999999999998"),
    ("F.cross_entropy(x, y, reduction='sum')", "F.cross_entropy(x, y, reduction='mean')"),
    ("x.fill(float('inf'))", "x.fill(float('-inf'))"),
    ("x.topk(2, largest=False)", "x.topk(2, largest=True)"),
    ("x.topk(2)", "x.topk(2, largest=False)"),
    ("x + y", "x - y"),
    ("x - y", "y - x"),
    ("x * y", "x @ y"),
    ("x @ y", "x @ y.T"),
    ("x + 1", "x"),
    ("-x", "x"),
    ("x", "-x"),
    ("x > y", "x >= y"),
    ("x is None", "x is not None"),
    ("x and y", "x or y"),
    ("not x", "x"),
    ("x if y else 0", "0 if y else x"),
    ("x.mean()", "x.sum()"),
    ("F.softmax(x, dim=1)", "F.log_softmax(x, dim=1)"),
    ("torch.cat([x, y])", "torch.stack([x, y])"),
    ("[x, y]", "[y, x]"),
    ("f(x, y)", "f(y, x)"),
    ("F.normalize(x, dim=1)", "x"),
    ("x.detach()", "x"),
    ("x.T", "x"),
    ("x", "y"),
    ("x.values", "x.indices"),
    ("x[:, 0]", "x[0]"),
    ("x[0]", "x[:, 0]"),
    ("x[1:]", "x"),
    ("[one for one in x]", "[one for one in list(x)[1:]]"),
    ("x", "x.detach()"),
    ("x @ y", "torch.nn.functional.normalize(x, dim=1) @ y"),
    ("x.sum(1)", "x.sum(1) / 2"),
    ("x + y * 2", "(x + y) * 2"),
    ("(x + y) / 2", "x + y / 2"),
)


def changes(body: str, head: str = "def f(x, y):") -> set[str]:
    """The changed bodies of a function, as Python itself would write them; those that are not Python are left out."""
    text = f"{head}\n{textwrap.indent(body, '    ')}\n"
    file = File(text.encode())
    found = set()
    for edit in file.edits("f", GIVEN):
        assert edit.kind in KINDS
        try:
            tree = ast.parse(apply(file.data, [edit]))
        except SyntaxError:
            continue
        found.add(ast.unparse(tree))
    return found


def plain(body: str, head: str = "def f(x, y):") -> str:
    return ast.unparse(ast.parse(f"{head}\n{textwrap.indent(body, '    ')}\n"))


@pytest.mark.parametrize(("wrong", "right"), SLIPS)
def test_an_expression(wrong: str, right: str) -> None:
    assert plain(f"return {right}") in changes(f"return {wrong}")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("x = x / 2\nreturn x", "pass\nreturn x"),
        ("a = x\nb = y\nreturn a", "b = y\na = x\nreturn a"),
        ("x += y\nreturn x", "x = y\nreturn x"),
        ("x = y\nreturn x", "x += y\nreturn x"),
        ("x.add(y)\nreturn x", "x = x.add(y)\nreturn x"),
        ("for i in y:\n    x = x + i\n    x = x / 2\nreturn x", "for i in y:\n    x = x + i\nx = x / 2\nreturn x"),
        ("for i in y:\n    x = x + i\nx = x / 2\nreturn x", "for i in y:\n    x = x + i\n    x = x / 2\nreturn x"),
        ("x.add_(y)\nreturn x", "with torch.no_grad():\n    x.add_(y)\nreturn x"),
        ("with torch.no_grad():\n    z = x * 2\nreturn z", "z = x * 2\nreturn z"),
        ("if x:\n    y = 1\nreturn y", "if not x:\n    y = 1\nreturn y"),
    ],
)
def test_a_statement(wrong: str, right: str) -> None:
    assert plain(right) in changes(wrong)


def test_an_argument_that_is_not_used_may_be_what_is_missing() -> None:
    head = "def f(x, temperature=0.5):"
    assert plain("return x / temperature", head) in changes("return x", head)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import torch.nn.functional as fn", "fn"),
        ("from torch.nn import functional", "functional"),
        ("import torch", "torch.nn.functional"),
    ],
)
def test_functions_are_called_as_the_file_has_them(line: str, name: str) -> None:
    file = File(f"{line}\ndef f(x):\n    return x\n".encode())
    assert f"{name}.normalize(x, dim=1)" in {edit.text for edit in file.edits("f", GIVEN)}


def test_a_default_can_be_changed() -> None:
    assert plain("return x * m", "def f(x, m=0.9):") not in changes("return x * m", "def f(x, m=0.9):")
    assert plain("return x * m", "def f(x, m=1):") in changes("return x * m", "def f(x, m=2):")


def test_a_number_of_the_class_that_a_method_does_not_use() -> None:
    text = textwrap.dedent(
        """
        class Loss:
            def __init__(self, kind="a", temperature=0.5):
                self.kind = kind
                self.temperature = temperature

            def f(self, x):
                return x
        """
    )
    file = File(text.encode())
    texts = {apply(file.data, [edit]).decode() for edit in file.edits("Loss.f", GIVEN)}
    assert any("return x / self.temperature" in one for one in texts)
    assert not any("self.kind\n" in one.partition("def f")[2] for one in texts)


def test_helpers_of_the_student_are_changed_and_given_ones_are_not() -> None:
    text = b"def own(x):\n    return x * 2\n\ndef given(x):\n    return x * 4\n\ndef f(x):\n    return own(given(x))\n"
    file = File(text)
    handed_out = File(b"def given(x):\n    return x * 4\n")
    lines = {text[: edit.start].count(b"\n") for edit in file.edits("f", handed_out)}
    assert lines == {1, 7}


@pytest.mark.parametrize(
    "data",
    [
        b"def f(x:\n",
        b"\xff\xfe",
        "# coding: latin-1\ndef f(x): return 'é'".encode("latin-1"),
        b"",
        b"def f(x): return x" + b"\n" * 300_000,
    ],
)
def test_a_file_that_cannot_be_read_has_no_changes(data: bytes) -> None:
    assert File(data).edits("f", GIVEN) == []


def test_a_line_that_only_ipython_reads_is_passed_over() -> None:
    file = File(b"%%time\n!pip install x\ndef f(x):\n    return x % 2\n")
    assert b"%%time\n!pip install x\ndef f(x):\n    return x\n" in {
        apply(file.data, [edit]) for edit in file.edits("f", GIVEN)
    }


def test_places_are_those_of_the_file_whatever_ends_its_lines_and_whatever_letters_are_in_it() -> None:
    file = File("é = '한글'\r\ndef f(x):\r\n    return '한', x + 1\r\n".encode())
    texts = {apply(file.data, [edit]).decode() for edit in file.edits("f", GIVEN)}
    assert "é = '한글'\ndef f(x):\n    return '한', x\n" in texts


def test_brackets_are_there_once() -> None:
    file = File(b"def f(x, m):\n    return x * (1 + m)\n")
    assert "1 - m" in {edit.text for edit in file.edits("f", GIVEN)}


def test_two_changes_are_made_together_unless_they_overlap() -> None:
    assert apply(b"a + b", [Edit(4, 5, "c", "variable"), Edit(0, 1, "d", "variable")]) == b"d + c"
    with pytest.raises(ValueError, match="overlap"):
        apply(b"a + b", [Edit(0, 5, "c", "variable"), Edit(0, 1, "d", "variable")])


def test_a_long_function_has_only_so_many() -> None:
    body = "\n".join(f"    x = x + {number}" for number in range(300))
    assert len(File(f"def f(x):\n{body}\n    return x\n".encode()).edits("f", GIVEN)) == MOST


@pytest.mark.parametrize(
    "listed",
    [
        None,
        [[0, 1, "x", "no such kind"]],
        [[2, 1, "x", "axis"]],
        [[-1, 1, "x", "axis"]],
        [[0, 1 << 40, "x", "axis"]],
        [[0, 1, 2, "axis"]],
        [["0", 1, "x", "axis"]],
        [[0, 1, "x" * 1001, "axis"]],
        [[0, 1, "x", "axis"]] * (MOST + 1),
    ],
)
def test_what_a_process_lists_is_not_believed_but_for_its_form(listed: object) -> None:
    with pytest.raises(WireError):
        read_edits(Message({"type": "edits", "piece": 0, "edits": listed}, ()))  # type: ignore[dict-item]
