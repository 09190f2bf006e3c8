"""Tests what is said of code that needs a newer Python."""

from __future__ import annotations

import sys

import pytest

from autograder.sandbox.versions import newer, newer_syntax

OLD = (3, 11)
SYNTAX = {
    "def first[T](x: list[T]) -> T: ...": "line 4 needs 3.12 or newer (a type parameter).",
    "class Box[T]: ...": "line 4 needs 3.12 or newer (a type parameter).",
    "type Pair = tuple[int, int]": "line 4 needs 3.12 or newer (a `type` statement).",
    "    except ValueError, TypeError:": "line 4 needs 3.14 or newer (`except` without parentheses).",
    'x = t"{y}"': "line 4 needs 3.14 or newer (a template string).",
}


@pytest.mark.parametrize(("text", "sentence"), SYNTAX.items())
def test_newer_syntax_is_named_with_both_versions(text: str, sentence: str) -> None:
    error = SyntaxError("invalid syntax", ("criterion.py", 4, 1, text))
    assert newer(error, 0, OLD) == f"Grading runs Python 3.11; {sentence}"
    assert newer(error, 0, (3, 14)) is None


def test_an_f_string_may_be_newer() -> None:
    error = SyntaxError("f-string: unmatched '['", ("criterion.py", 4, 1, 'f"{x["a"]}"'))
    assert "line 4 may need 3.12 or newer" in str(newer(error, 0, OLD))
    assert newer(error, 0, (3, 12)) is None


@pytest.mark.parametrize("text", ["if x", "def f(x: list[int])", "typed = [1", "print(t['a']"])
def test_a_mistake_is_not_taken_for_something_newer(text: str) -> None:
    assert newer(SyntaxError("invalid syntax", ("criterion.py", 4, 1, text)), 0, OLD) is None


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ImportError("cannot import name 'override' from 'typing' (typing.py)"),
            "line 9 needs 3.12 or newer (`override`)",
        ),
        (AttributeError("module 'itertools' has no attribute 'batched'"), "line 9 needs 3.12 or newer (`batched`)"),
        (ModuleNotFoundError("No module named 'annotationlib'"), "line 9 needs 3.14 or newer (`annotationlib`)"),
        (ImportError("cannot import name 'helper' from 'engine' (engine.py)"), None),
        (ValueError("cannot import name 'override' from 'typing'"), None),
    ],
)
def test_names_of_the_standard_library(error: Exception, told: str | None) -> None:
    sentence = newer(error, 9, OLD)
    assert sentence is None if told is None else sentence is not None and told in sentence


@pytest.mark.skipif(sys.version_info < (3, 12), reason="this Python cannot read what is newer than 3.11")
@pytest.mark.parametrize(
    "text",
    [
        "def first[T](x): ...",
        "type Pair = int",
        'f"{x["a"]}"',
        "f\"{'\\n'.join(x)}\"",
        'f"{x  # why\n}"',
        "f'{f'{x}'}'",
        "f'''{f'''{x}'''}'''",
    ],
)
def test_what_the_grader_cannot_read_is_found_by_a_newer_python(text: str) -> None:
    assert newer_syntax(f"x = 1\n{text}\n".encode(), OLD) is not None


@pytest.mark.parametrize(
    "text",
    [
        "x = f\"{y['a']}\"",
        "f\"{x:>{width}}\\n\"",
        "f'''{x[\"a\"]}\n{y['b']}'''",
        "f\"{x!r} {{}} {y:%d.%m}\"",
        "f'{x}' 'plain' f'{y}'",
        "match x:\n    case [1]: pass",
    ],
)  # fmt: skip
def test_what_the_grader_can_read_is_let_through(text: str) -> None:
    assert newer_syntax(f"x = 1\n{text}\n".encode(), OLD) is None


def test_what_nobody_can_read_is_a_syntax_error() -> None:
    with pytest.raises(SyntaxError):
        newer_syntax(b"if", OLD)
