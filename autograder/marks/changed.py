"""Puts points and words of people over the results of the checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from autograder.core.records import Question, QuestionResult, Result, Rubric
from autograder.core.text import number
from autograder.marks.overrides import STANDINGS, Change, Kind, requests


def by_a_person(checked: QuestionResult, points: float, comment: str) -> QuestionResult:
    """A question whose points a person set; its comment says what the checks gave."""
    before = checked.comment if checked.changed else f"Changed by a person: the checks gave {number(checked.score)}."
    return replace(checked, score=points, comment=f"{before}\n{comment}".strip(), changed=True)


def marked(question: Question, points: float, comment: str) -> QuestionResult:
    """A question that people grade, with its points."""
    return QuestionResult(question.id, question.title, points, question.points, (), comment=comment)


def part_points(question: Question, items: Mapping[str, float]) -> dict[str, float]:
    """The points of each part of a question, by the part's name; a line that was not ticked gives none."""
    found: dict[str, float] = {}
    for item in question.items:
        found[item.part] = found.get(item.part, 0.0) + items.get(item.id, 0.0)
    return found


def _parts(question: Question, items: Mapping[str, float]) -> tuple[str, ...]:
    """A line for each part: its heading and points, and none of the words of its mark scheme."""
    if not items:
        return ()
    titles = {item.part: item.title for item in question.items}
    most = part_points(question, {item.id: item.points for item in question.items})
    given = part_points(question, items)
    return tuple(f"{titles[part]}: {number(given[part])} of {number(most[part])}" for part in titles)


def changed(result: Result, rubric: Rubric, changes: Sequence[Change]) -> Result:
    """The result after these changes, in order. Changes of a question or check that is not there have no effect."""
    result = replace(result, requests=requests(changes))
    standing = next((one for one in reversed(changes) if one.kind in STANDINGS), None)
    if standing is not None:
        result = replace(result, standing=standing.kind.value, remark=standing.comment)
    if result.score is None:
        return result
    for change in changes:
        if change.kind in (Kind.POINTS, Kind.COMMENT):
            result = _one(result, rubric, change)
    return _nothing(result, rubric) if standing is not None and standing.kind is Kind.ZERO else result


def _one(result: Result, rubric: Rubric, change: Change) -> Result:
    """The result after a change of one question."""
    asked = {question.id: question for question in rubric.questions}
    before = {question.id: question for question in result.questions}
    graded, question = before.get(change.question), asked.get(change.question)
    if graded is not None:
        before[change.question] = _question(graded, change, () if question is None else _parts(question, change.items))
        return replace(result, questions=tuple(before.values()))
    if question is None or not question.manual or change.points is None:
        return result
    new = replace(marked(question, change.points, change.comment), parts=_parts(question, change.items))
    return _with(result, rubric, new)


def _question(graded: QuestionResult, change: Change, parts: tuple[str, ...]) -> QuestionResult:
    if change.kind is Kind.COMMENT or change.points is None:
        return replace(graded, comment=f"{graded.comment}\n{change.comment}".strip())
    if not change.check:
        if not graded.checks:  # a person gave the points that are there, too
            comment, changed_now = change.comment or graded.comment, graded.changed or not parts
            return replace(graded, score=change.points, comment=comment, parts=parts, changed=changed_now)
        return by_a_person(graded, change.points, change.comment)
    check = next((one for one in graded.checks if one.name == change.check), None)
    if check is None:
        return graded
    checks = tuple(replace(one, points=change.points) if one is check else one for one in graded.checks)
    score = min(max(graded.score + change.points - check.points, 0.0), graded.max_score)
    return replace(by_a_person(graded, score, change.comment), checks=checks)


def _with(result: Result, rubric: Rubric, question: QuestionResult) -> Result:
    """The result with one question more, in the rubric's order."""
    by_id = {one.id: one for one in (*result.questions, question)}
    ordered = [by_id.pop(one.id) for one in rubric.questions if one.id in by_id]
    return replace(result, questions=(*ordered, *by_id.values()), max_score=result.max_score + question.max_score)


def _nothing(result: Result, rubric: Rubric) -> Result:
    """The result with no points for anything."""
    for question in rubric.questions:
        if question.manual and all(one.id != question.id for one in result.questions):
            result = _with(result, rubric, marked(question, 0.0, ""))
    return replace(result, questions=tuple(replace(one, score=0.0, changed=True) for one in result.questions))
