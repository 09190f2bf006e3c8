"""Tests that headers and markers are read exactly, and that a wrong one is named with its line."""

from __future__ import annotations

import pytest

from autograder.core.errors import AutograderError
from autograder.core.records import Question
from autograder.handout.files.annotations import collect_questions, read_stubs

GOOD = '''\
"""A file; `### YOUR CODE HERE (~ 1 line)` in a docstring is text."""


class SSLLoss:
    def contrastive_loss(self, z1, z2):
        """Say what it does."""
        ### Question 1.2: Contrastive loss (20 points)
        ### YOUR CODE HERE (~ 2 lines)
        both = z1 + z2
        return both
        ### END OF YOUR CODE

    def queue(self, q):
        ### Question B1: Key queue (2.5 points, bonus)
        ### YOUR CODE HERE (~ 1 line)
        return q
        ### END OF YOUR CODE
'''


def test_reads_questions_and_the_lines_of_their_markers() -> None:
    stubs = read_stubs(GOOD, "criterion.py")
    assert [stub.question for stub in stubs] == [
        Question("1.2", "Contrastive loss", "criterion.py", 20),
        Question("B1", "Key queue", "criterion.py", 2.5, bonus=True),
    ]
    assert [(stub.header, stub.start, stub.end, stub.indent) for stub in stubs] == [(7, 8, 11, 8), (14, 15, 17, 8)]


WRONG = {
    "stub without header": ("        ### Question 1.2: Contrastive loss (20 points)\n", "", 7),
    "header without stub": ("        ### YOUR CODE HERE (~ 2 lines)\n", "", 10),
    "no end": ("        ### END OF YOUR CODE\n\n    def", "\n    def", 13),
    "marker misspelt": ("### YOUR CODE HERE (~ 2 lines)", "### YOUR CODE HERE", 8),
    "marker in lower case": ("### END OF YOUR CODE\n\n", "### end of your code\n\n", 11),
    "header with two signs": ("### Question 1.2", "## Question 1.2", 7),
    "points misspelt": ("(20 points)", "(20 pts)", 7),
    "no points": (" (20 points)", "", 7),
    "bonus without bonus id": ("(20 points)", "(20 points, bonus)", 7),
    "bonus id without bonus": ("(2.5 points, bonus)", "(2.5 points)", 14),
    "other indentation": ("        ### YOUR CODE HERE (~ 2 lines)", "      ### YOUR CODE HERE (~ 2 lines)", 8),
    "something between": ("(20 points)\n", "(20 points)\n        print()\n", 9),
    "nothing to take out": ("        both = z1 + z2\n        return both\n", "", 8),
    "marker behind code": ("        return q\n        ### END OF", "        return q  ### END OF", 16),
    "not Python": ("return both", "return return", 10),
}


@pytest.mark.parametrize(("old", "new", "line"), WRONG.values(), ids=WRONG.keys())
def test_names_file_and_line_of_what_is_wrong(old: str, new: str, line: int) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(AutograderError) as caught:
        read_stubs(GOOD.replace(old, new), "criterion.py")
    assert caught.value.message.startswith(f"solutions/criterion.py, line {line}, ")
    assert caught.value.hint


def test_a_stub_outside_a_function_would_raise_on_import() -> None:
    source = "### Question 2: k-NN (10 points)\n### YOUR CODE HERE (~ 1 line)\nK = 1\n### END OF YOUR CODE\n"
    with pytest.raises(AutograderError, match="not inside one function"):
        read_stubs(source, "validation.py")


def test_a_given_file_holds_no_question() -> None:
    with pytest.raises(AutograderError, match=r"solutions/engine\.py, line 7, holds a question"):
        read_stubs(GOOD, "engine.py")


def test_an_id_occurs_once_over_all_files() -> None:
    stubs = read_stubs(GOOD, "criterion.py")
    with pytest.raises(AutograderError, match=r"main\.py, line 7, repeats question 1\.2.*criterion\.py, line 7"):
        collect_questions([("criterion.py", stubs), ("main.py", read_stubs(GOOD.replace("20", "10"), "main.py"))])
    with pytest.raises(AutograderError, match=r"main\.py, line 7, repeats question 1\.2"):
        collect_questions([("main.py", read_stubs(GOOD, "main.py")), ("main.py", read_stubs(GOOD, "main.py"))])


def test_one_question_may_lie_in_two_files() -> None:
    both = collect_questions((file, read_stubs(GOOD, file)) for file in ("model_factory.py", "criterion.py"))
    assert [(question.id, question.file, question.also) for question in both] == [
        ("1.2", "model_factory.py", ("criterion.py",)),
        ("B1", "model_factory.py", ("criterion.py",)),
    ]
    assert [(part.module, part.also) for part in both[0].parts] == [("model_factory", ()), ("criterion", ())]


def test_core_questions_come_by_number_and_bonus_last() -> None:
    stubs = {}
    for file, number in (("main.py", "10"), ("criterion.py", "2"), ("validation.py", "1.4")):
        source = GOOD.replace("Question 1.2", f"Question {number}").replace(
            "Question B1", f"Question B{len(stubs) + 9}"
        )
        stubs[file] = read_stubs(source, file)
    questions = collect_questions(stubs.items())
    assert [question.id for question in questions] == ["1.4", "2", "10", "B9", "B10", "B11"]
