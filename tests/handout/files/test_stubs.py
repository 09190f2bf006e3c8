"""Tests that a stub takes the solution out and leaves a file that still imports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.core.errors import AutograderError
from autograder.handout.files.annotations import read_stubs
from autograder.handout.files.stubs import solved_lines, steps_source, stub_source

SOURCE = '''\
def KNN(features, K=1):
    """Vote."""
    ### Question 2: k-NN evaluation (10 points)
    ### YOUR CODE HERE (~ 2 lines)
    secret = features  # a secret
    return secret
    ### END OF YOUR CODE


def given():
    return 1
'''

SKELETON = '''\
def KNN(features, K=1):
    """Vote."""
    ### Question 2: k-NN evaluation (10 points)
    ### YOUR CODE HERE (~ 2 lines)
    raise NotImplementedError("Question 2 is not implemented yet")
    ### END OF YOUR CODE


def given():
    return 1
'''


def stubbed(source: str, **points: float) -> str:
    """The skeleton with every question asked, for the points of its header or those in `points`."""
    stubs = read_stubs(source, "validation.py")
    asked = {stub.question.id: stub.question for stub in stubs}
    asked |= {id_: replace(asked[id_], points=worth) for id_, worth in points.items()}
    return stub_source(source, stubs, "validation.py", asked)


def test_solution_lines_become_one_raise() -> None:
    assert stubbed(SOURCE) == SKELETON


def test_two_stubs_in_one_file_do_not_shift_each_other() -> None:
    source = SOURCE + SOURCE.replace("Question 2:", "Question 3:")
    skeleton = stubbed(source)
    assert skeleton == SKELETON + SKELETON.replace("Question 2", "Question 3")


def test_a_marker_in_the_middle_of_a_statement_is_refused() -> None:
    source = SOURCE.replace(
        "    return secret\n    ### END OF YOUR CODE\n",
        "    return (\n        secret\n    ### END OF YOUR CODE\n    )\n",
    )
    with pytest.raises(AutograderError, match=r"solutions/validation\.py is not valid Python"):
        stubbed(source)


def test_the_header_says_this_terms_points() -> None:
    assert stubbed(SOURCE, **{"2": 12.5}) == SKELETON.replace("(10 points)", "(12.5 points)")
    assert "(1 point)" in stubbed(SOURCE, **{"2": 1})


def test_a_question_that_is_not_asked_keeps_its_lines_alone() -> None:
    skeleton = stub_source(SOURCE, read_stubs(SOURCE, "validation.py"), "validation.py", {})
    assert skeleton == "".join(line for line in SOURCE.splitlines(keepends=True) if "###" not in line)


STEPS = SOURCE.replace("### Question 2: k-NN evaluation (10 points)", "### Step a")


def test_a_step_becomes_one_raise_without_a_header() -> None:
    raised = SKELETON.replace("    ### Question 2: k-NN evaluation (10 points)\n", "")
    assert steps_source(STEPS) == raised.replace("Question 2 is not implemented yet", "Step a is not written yet")
    assert solved_lines(STEPS) == {5, 6}


@pytest.mark.parametrize("wrong", ["### Step 1", "### step a", "### Step a\n    ### Step b\n    x = 1"])
def test_a_marker_that_belongs_to_no_step_is_refused(wrong: str) -> None:
    with pytest.raises(AutograderError, match=r"steps\.py has markers that are not those of a step"):
        steps_source(STEPS + STEPS.replace("### Step a", wrong))
