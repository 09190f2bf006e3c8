"""Tests that sentences are translated, whatever is in their slots, and that the others stay English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.core.errors import AutograderError
from autograder.language import languages, sections, wording
from autograder.language.wording import Wording

SAY = Wording(
    {
        "It is wrong.": "Falsch.",
        "{file} is missing.": "{file} fehlt.",
        "{what}: expected {want}, received {got}": "{what}: {got} statt {want}",
        "a tensor of shape {shape}": "ein Tensor der Form {shape}",
        "Question {id}: {title} ({worth})": "Frage {id}: {title} ({worth})",
        "{points} points": "{points} Punkte",
        "Two\nlines.": "Zwei\nZeilen.",
    }
)


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("It is wrong.", "Falsch."),
        ("main.py is missing. It is wrong. Unknown.", "main.py fehlt. Falsch. Unknown."),
        ("- main.py is missing.\n    It is wrong.", "- main.py fehlt.\n    Falsch."),
        ("z: expected a tensor of shape [2], received None", "z: None statt ein Tensor der Form [2]"),
        ("Question 1: A (5 points)", "Frage 1: A (5 Punkte)"),
        ("Two\nlines.", "Zwei\nZeilen."),
        (" is missing.", " is missing."),
        ("", ""),
    ],
)
def test_what_the_table_has_is_said_and_the_rest_stays(english: str, said: str) -> None:
    assert SAY(english) == said


def test_no_table_changes_nothing() -> None:
    text = "It is wrong.\n  a {b}"
    assert Wording({})(text) == text and wording("en")(text) == text


def test_a_sentence_can_be_found_again() -> None:
    found = SAY.pattern("Question {id}: {title} ({worth})").fullmatch("Frage B1: a (b) c (5 Punkte)")
    assert found is not None and found.groupdict() == {"id": "B1", "title": "a (b) c", "worth": "5 Punkte"}
    assert SAY.pattern("{n} of {m}").fullmatch("2 of 3")


def test_a_hostile_text_takes_no_time() -> None:
    """A table's sentences are looked for in one pass: what a student wrote cannot make that slow."""
    text = "z: expected " + ": expected , received " * 80
    assert "statt" in SAY(text)


def test_all_of_a_sentence_is_known_or_none() -> None:
    assert SAY.knows("main.py is missing.") and SAY.knows("{file} is missing.")
    assert not SAY.knows("main.py is there.")


@pytest.mark.parametrize(
    ("table", "message"),
    [("[a]\n'x {b}' = '{c}'", "names {c}"), ("[a", "cannot be read"), ("a = 3", "a is not a table of sentences")],
)
def test_a_damaged_table_is_refused(tmp_path: Path, table: str, message: str) -> None:
    (tmp_path / "xx.toml").write_text(table)
    assert languages(tmp_path) == ("en", "xx")
    with pytest.raises(AutograderError, match=re.escape(message)) as caught:
        sections("xx", tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("language", languages())
def test_tables_are_whole_and_say_something(language: str) -> None:
    for section in sections(language).values():
        assert all(english and said.strip() for english, said in section.items())


def test_a_language_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AutograderError, match="no table of words for the language 'xx'"):
        sections("xx", tmp_path)


def test_what_stands_in_a_slot_may_be_the_rest_of_a_known_sentence() -> None:
    """As in the hint for two faults at once, which is joined from the hints for each."""
    say = Wording(
        {
            "Two things at once: {a}, and {b}.": "둘: {a}. {b}.",
            "Look at {a}, and at {b}.": "볼 곳: {a}; {b}.",
            "The sign is lost.": "부호가 없습니다.",
            "The value is right, but nothing is learned.": "값은 맞지만 배우지 않습니다.",
            "Look at the last line.": "마지막 줄을 보십시오.",
            "the minus": "빼기",
        }
    )
    hint = "Two things at once: the sign is lost, and nothing is learned. Look at the minus, and at the last line."
    assert say(hint) == "둘: 부호가 없습니다. 값은 맞지만 배우지 않습니다. 볼 곳: 빼기; 마지막 줄을 보십시오."
    assert say.knows("the sign is lost") and not say.knows("the sign is found")


def test_what_only_passes_its_slots_on_knows_no_sentence() -> None:
    say = Wording({"{a}: {b}": "{a}: {b}", "The sign is lost.": "부호가 없습니다."})
    assert say("x: the sign is lost") == "x: 부호가 없습니다"
    assert say.knows("the sign is lost") and not say.knows("Something new: nobody has translated it.")
