"""Records changes of the desk in nbgrader's database, in one commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from autograder.core.records import Result, Rubric
from autograder.gradebook.changes import Entered, Kept, Replaced, Wanted, wanted
from autograder.gradebook.database import ASSIGNMENT, Book, Late, make_cells, opened, student_id
from autograder.marks.overrides import Change


def record_changes(
    url: str,
    results: Mapping[str, Result],
    rubric: Rubric,
    parts: Mapping[str, float],
    changes: Mapping[str, Sequence[Change]],
    kept: Kept,
    save: Callable[[Kept], None],
    late: Late | None = None,
) -> None:
    """Put the changes of each student in `results` into the cells, and bring back what undone ones replaced.

    `kept` are the cells that earlier calls replaced. `save` gets them before the commit, the old and the new, and again
    after it: whenever this is killed, a value of ours is never taken for a person's. The class is in the gradebook
    already. Raises AutograderError.
    """
    with opened(url) as (api, gradebook):
        all_cells = make_cells(api, gradebook, rubric, parts)
        book = Book(api, gradebook.db, gradebook.find_assignment(ASSIGNMENT), all_cells, late)
        after = {}
        for student, result in results.items():
            name, cells_now = student_id(result.student), wanted(result, rubric, changes[student], parts)
            after[name] = _change(book, result, cells_now, kept.get(name, {}))
        both = {name: {**kept.get(name, {}), **cells} for name, cells in after.items()}
        save({**kept, **both})
        gradebook.db.commit()
        for name, cells in after.items():
            after[name] = {place: Replaced(one.before, one.after[:1]) for place, one in cells.items()}
        save({name: cells for name, cells in {**kept, **after}.items() if cells})


def _change(
    book: Book, result: Result, cells: Mapping[str, Wanted], replaced: Mapping[str, Replaced]
) -> dict[str, Replaced]:
    """Write the changed cells of a student; returns the cells that are replaced now, by their names."""
    submission = book.submissions.get(student_id(result.student))
    if submission is None:
        return {}
    left, notebooks = {}, {name: book.part(submission, name) for name in book.cells}
    for notebook, part in notebooks.items():
        for name, (grade, told) in book.cells[notebook].items():
            row, place = book.grades.get((part, grade)), f"{notebook}/{name}"
            if row is None or (place not in cells and place not in replaced):
                continue
            now = Entered(row.manual_score, book.said_on(part, told).manual_comment, bool(row.needs_manual_grade))
            earlier = replaced.get(place)
            ours = earlier is not None and earlier.still(now)
            before = earlier.before if earlier is not None and ours else now
            after = cells[place].over(before) if place in cells else before
            if place in cells:
                left[place] = Replaced(before, (after, *(earlier.after if earlier is not None and ours else ())))
            elif after.score is None:  # the checks may have changed meanwhile
                after = Entered(None, after.comment, row.auto_score is None)
            row.manual_score, row.needs_manual_grade = after.score, after.asks
            book.said_on(part, told).manual_comment = after.comment
    book.session.flush()
    book.penalise(result, submission, notebooks)
    return left
