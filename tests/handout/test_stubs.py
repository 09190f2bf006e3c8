"""Tests that a stub takes the solution out and leaves a file that still imports."""

from __future__ import annotations

import pytest

from autograder.errors import AutograderError
from autograder.handout.annotations import read_stubs
from autograder.handout.stubs import stub_source

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


def test_solution_lines_become_one_raise() -> None:
    assert stub_source(SOURCE, read_stubs(SOURCE, "validation.py"), "validation.py") == SKELETON


def test_two_stubs_in_one_file_do_not_shift_each_other() -> None:
    source = SOURCE + SOURCE.replace("Question 2:", "Question 3:")
    skeleton = stub_source(source, read_stubs(source, "validation.py"), "validation.py")
    assert skeleton == SKELETON + SKELETON.replace("Question 2", "Question 3")


def test_a_marker_in_the_middle_of_a_statement_is_refused() -> None:
    source = SOURCE.replace(
        "    return secret\n    ### END OF YOUR CODE\n",
        "    return (\n        secret\n    ### END OF YOUR CODE\n    )\n",
    )
    with pytest.raises(AutograderError, match=r"solutions/validation\.py is not valid Python"):
        stub_source(source, read_stubs(source, "validation.py"), "validation.py")
