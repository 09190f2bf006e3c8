"""Writes the outputs about the class as a whole, when everybody is graded. Each output is an entry of OUTPUTS."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from autograder.collect.excerpts import skeleton_excerpts
from autograder.core import handed_in, store
from autograder.core.records import Result, Rubric, Status, Submission
from autograder.core.settings import SKELETON, Settings
from autograder.encoders.measure import K, measure_class, read_labelled
from autograder.encoders.page import representations_page
from autograder.gradebook.changes import load_kept
from autograder.gradebook.folder import follow_changes, gradebook_url, late_of, update_gradebook
from autograder.gradebook.marked import points_by_hand
from autograder.marks import points
from autograder.marks.points import Points
from autograder.report.outputs import settle, write_page, write_tables


@dataclass(frozen=True)
class GradedClass:
    """A class at the end of a run: every result, sorted by student, and the points that people gave."""

    results: Sequence[Result]
    submissions: Sequence[Submission]
    rubric: Rubric
    by_hand: Points


class Output(NamedTuple):
    """Something that is written once a run, in the order of OUTPUTS."""

    asked_for: Callable[[Settings], bool]
    write: Callable[[GradedClass, Settings], None]


def demand_inputs(settings: Settings) -> None:
    """Report a damaged file that an output needs now, and not after the class is graded. Raises AutograderError."""
    if settings.representations is not None:
        read_labelled(settings.representations)  # and once more to measure: until then it would only take memory


def write_outputs(class_: GradedClass, settings: Settings) -> None:
    """Write all that the settings ask for."""
    for output in OUTPUTS:
        if output.asked_for(settings):
            output.write(class_, settings)


def _missing(class_: GradedClass, settings: Settings) -> None:
    """Write the result and the page of everybody who handed in nothing."""
    for result in class_.results:
        if result.status is Status.MISSING:
            write_page(settings.output, result, class_.rubric, class_.by_hand)
            store.save_result(settings.output, result)


def _tables(class_: GradedClass, settings: Settings) -> None:
    """Write the class report and grades.csv."""
    write_tables(settings.output, class_.results, class_.rubric, class_.by_hand)


def _points(class_: GradedClass, settings: Settings) -> None:
    """Store the points by hand, for the next run."""
    points.save_points(settings.output, class_.by_hand)


def _names(class_: GradedClass, settings: Settings) -> None:
    """Write under which names the class handed in, for the way back of feedback."""
    handed_in.save_names(settings.output, class_.submissions)


def _similarity(class_: GradedClass, settings: Settings) -> None:
    """Write the page of pairs that share code."""
    from autograder.report.similarity import similarity_page  # its lexer takes a moment, and few runs need it

    page = similarity_page(class_.results, skeleton_excerpts(class_.rubric))
    store.write_whole(settings.output / "similarity.html", page)


def _representations(class_: GradedClass, settings: Settings) -> None:
    """Measure trained encoders and write their page."""
    assert settings.representations is not None
    labelled = read_labelled(settings.representations)
    encoders = measure_class(class_.submissions, labelled, settings)
    page = representations_page(encoders, K, (len(labelled.train_labels), len(labelled.test_labels)))
    store.write_whole(settings.output / "representations.html", page)


def _gradebook(class_: GradedClass, settings: Settings) -> None:
    """Write the class into nbgrader's gradebook; points that people have entered there become points by hand."""
    rubric, output, by_hand = class_.rubric, settings.output, class_.by_hand
    release = SKELETON / "report.ipynb"
    late = late_of(class_.results)
    update_gradebook(
        output, settings.database, class_.submissions, class_.results, rubric, release, settings.limits, late
    )
    if url := gradebook_url(output):
        entered = points_by_hand(url, rubric, [result.student for result in class_.results], load_kept(output))
        now = replace(by_hand, gradebook=entered)
        settle(output, class_.results, rubric, by_hand, now)
        follow_changes(output, class_.results, rubric, now)


def _always(settings: Settings) -> bool:
    return True


OUTPUTS = (
    Output(_always, _missing),
    Output(_always, _tables),
    Output(_always, _points),
    Output(lambda settings: not settings.anonymise, _names),
    Output(lambda settings: settings.similarity, _similarity),
    Output(lambda settings: settings.representations is not None, _representations),
    Output(lambda settings: settings.gradebook, _gradebook),
)
