"""Text that students chose, made harmless; numbers made short."""

from __future__ import annotations

import pytest

from autograder.core.text import clip, first_line, number, printable, split_name


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Ada Lovelace", "Ada Lovelace", id="plain"),
        pytest.param("Zoë 张伟 👩\u200d🔬", "Zoë 张伟 👩\u200d🔬", id="letters-and-joined-emoji"),
        pytest.param("\x1b[31mred", r"\x1b[31mred", id="ansi"),
        pytest.param("\x9b31m", r"\x9b31m", id="ansi-in-one-byte"),
        pytest.param("a\u202eb\u2066c", r"a\u202eb\u2066c", id="bidi"),
        pytest.param("a\u200bb\ufeff", r"a\u200bb\ufeff", id="invisible"),
        pytest.param("a\nb\r\tc\u2028", r"a\nb\r\tc\u2028", id="line-ends"),
        pytest.param("\x00", r"\x00", id="nul"),
        pytest.param("\udc80", r"\udc80", id="lone-surrogate"),
    ],
)
def test_printable_shows_what_hides(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_several_lines_keep_their_ends_and_tabs_only() -> None:
    assert printable("a\r\nb\n\tc\rd\x1b", multiline=True) == "a\nb\n\tc\\rd\\x1b"


@pytest.mark.parametrize(
    ("value", "text"), [(7.5, "7.5"), (10.0, "10"), (0.0, "0"), (10 / 3, "3.3333"), (100, "100"), (-0.00001, "0")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_a_long_text_says_what_was_left_out() -> None:
    assert clip("abcdef", 4) == "abcd … (2 more characters)"
    assert clip("abcd", 4) == "abcd"


def test_first_line_skips_what_is_empty() -> None:
    assert first_line("\n  \n  a\x1b \nb") == r"a\x1b"
    assert first_line("\n") == ""


@pytest.mark.parametrize("name", ["Ann B Lee", "Lee, Ann B"])
def test_names_come_apart(name: str) -> None:
    assert split_name(name) == ("Ann B", "Lee")
