"""The course as it is in this tree, for tests that are written for the course as it was published.

A test calls a question by the id that it was published with: "1.3" is the align loss. An instructor may have given it
another id, or none; answers have the published names of arguments and rule of ties, and this year's may be others.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.core.records import STUDENT_FILES
from autograder.core.rubric import RUBRIC_FILE, is_published, load_rubric
from autograder.handout.files.annotations import read_stubs
from autograder.handout.files.stubs import unfilled
from autograder.reference.renaming import functions, vary
from autograder.reference.years import student_files

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent
FUNCTIONS = {
    "1.1": "Model.forward",
    "1.2": "SSLLoss.contrastive_loss",
    "1.3": "SSLLoss.align_loss",
    "1.4": "update_momentum_encoder",
    "2": "KNN",
    "3": "freeze_backbone",
    "B1": "SSLLoss.queue_contrastive_loss",
    "B2": "SSLLoss.barlow_twins_loss",
    "B3": "direct_predictor",
    "B4": "SSLLoss.pixel_consistency_loss",
    "B5": "eigenspace_alignment",
}
"""The place of each question of the published course."""
LARGEST = {
    "votes.max(dim=1)[1]": "(votes.shape[1] - 1 - votes.flip(1).max(dim=1)[1])",
    "best = min(": "best = max(",
    "torch.mode(train_labels[order], dim=1).values": "-torch.mode(-train_labels[order], dim=1).values",
    "np.bincount(row, minlength=100).argmax()": "99 - np.bincount(row, minlength=100)[::-1].argmax()",
}
"""Replacements that let the largest of several labels win in a right answer to question 2, instead of the smallest."""
PUBLISHED = ROOT / "tests" / "goldens" / "course.json"


@cache
def edits() -> tuple[str, ...]:
    """The differences from the published course; nothing if it is that course."""
    then, here = json.loads(PUBLISHED.read_text("utf-8")), described()
    moved = [key for key in {**then, **here} if then.get(key) != here.get(key)]
    return tuple(f"{key}: {then.get(key, 'not there')} -> {here.get(key, 'not there')}" for key in moved)


def described() -> dict[str, str]:
    """The facts that tests of the published course depend on, in words; `PUBLISHED` holds the published ones."""
    rubric = json.loads(RUBRIC_FILE.read_text("utf-8"))
    questions = {f"question {row['id']}": f"{row['title']}, {row['points']:g} points" for row in rubric["questions"]}
    seed = "the published one" if is_published(rubric["seed"]) else "one of its own"
    return {"seed": seed, **questions, "variant": rubric["variants"][0]["name"], **rubric["names"]}


@cache
def stubs() -> Mapping[str, tuple[str, str, str]]:
    """Each stub by its function: file, question and the reference's lines, as this year has them."""
    rubric = load_rubric()
    asked = {question.id for question in rubric.graded}
    found = {}
    for file, source in student_files(ROOT / "solutions", rubric.variant.name).items():
        lines = source.splitlines(keepends=True)
        spans = [(name, node.lineno, node.end_lineno or 0) for name, node in functions(ast.parse(source))]
        for stub in read_stubs(source, file):
            (name,) = (name for name, first, last in spans if first <= stub.header <= last)
            if stub.question.id in asked:
                found[name] = file, stub.question.id, textwrap.dedent("".join(lines[stub.start : stub.end - 1]))
    return found


@cache
def ids() -> Mapping[str, str]:
    """This tree's id of each question that it asks, by its published id, or by its function if it has none."""
    return {_name(function): question for function, (_, question, _) in stubs().items()}


def _name(function: str) -> str:
    return next((then for then, name in FUNCTIONS.items() if name == function), function)


def now(published: str) -> str:
    """This tree's id of a published question; a test of one that is not asked here has nothing to test."""
    if published not in ids():
        import pytest  # `make grade` makes its class with this file, and installs no pytest

        pytest.skip(f"This course does not ask question {published} of the published one.", allow_module_level=True)
    return ids()[published]


@cache
def written() -> frozenset[str]:
    """Every function of the five files of `solutions/`, asked, given or absent."""
    sources = [(ROOT / "solutions" / file).read_text("utf-8") for file in STUDENT_FILES]
    return frozenset(name for source in sources for name, _ in functions(ast.parse(source)))


def needs(published: str) -> pytest.MarkDecorator:
    """Mark a test of a published question's own code: if the question was removed, there is nothing to test."""
    gone = FUNCTIONS[published] not in written()
    import pytest

    return pytest.mark.skipif(gone, reason=f"Question {published} of the published course was removed.")


def answers_of(bonus: bool) -> dict[str, str]:
    """The answers of `solutions/` to the bonus questions, or to the core ones, by the names of `ids`."""
    rubric = load_rubric()
    found = {_name(name): (question, lines) for name, (_, question, lines) in stubs().items()}
    return {name: lines for name, (question, lines) in found.items() if rubric[question].bonus is bonus}


def filled(skeleton: Mapping[str, str], answers: Mapping[str, str]) -> dict[str, str]:
    """A skeleton's files with answers, by the names of `ids`, instead of the stubs; others stay as they are."""
    variant = load_rubric().variant
    places = {_name(function): (file, question) for function, (file, question, _) in stubs().items()}
    files = {}
    for file, text in skeleton.items():
        for name, answer in answers.items():
            home, question = places.get(name, ("", ""))
            if home == file:
                text = _filled(text, question, answer if name != "2" else _by_the_rule(answer, variant.ties))
        with suppress(SyntaxError):  # a student's; it stays as it is
            text = vary(text, variant.calls, {}, file)
        files[file] = text
    return files


def _filled(text: str, question: str, answer: str) -> str:
    stub = rf'^( *)raise NotImplementedError\("{re.escape(unfilled(question))}"\)\n'
    body = textwrap.dedent(answer).strip("\n").rstrip() + "\n"
    return re.sub(stub, lambda found: textwrap.indent(body, found[1]), text, flags=re.MULTILINE)


def _by_the_rule(answer: str, ties: str) -> str:
    for smallest, largest in LARGEST.items() if ties == "largest" else ():
        answer = answer.replace(smallest, largest)
    return answer
