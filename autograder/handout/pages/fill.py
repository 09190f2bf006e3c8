"""Fills the Markdown of `handouts/source/` with the facts of the rubric and makes pages from it.

Each question has its own section, `handouts/source/questions/ID.md`, under a heading made from the rubric: a question
that is neither asked nor given away leaves nothing behind.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import jinja2

from autograder.core.errors import AutograderError
from autograder.core.records import Question, Rubric
from autograder.handout.files.annotations import rubric_order, worth
from autograder.handout.files.report_notebook import Part
from autograder.handout.pages.drawing import PRINT, SCREEN, draw
from autograder.handout.pages.listing import broken
from autograder.handout.pages.measured import in_folder, quoting
from autograder.handout.pages.method_figures import FIGURES
from autograder.handout.pages.pictures import as_drawn, pictures_of
from autograder.handout.pages.typeset import pdf_page, web_page
from autograder.handout.pages.weights_figure import draw_shares
from autograder.language import ENGLISH, wording
from autograder.language.wording import Wording
from autograder.mystery import FILE as MYSTERY
from autograder.reference.complete import TO_WRITE

MEANS_MORE = re.compile(r"[\\`*_{}\[\]<>#$^~|@]")
"""Characters with a meaning in Markdown. They are escaped, so `course.toml` has an e-mail address as usual."""
SECTIONS = {MYSTERY: "mystery.md", "": "viva.md"}
"""The sections of questions by hand that a course may ask, by the file to hand in; others are found by the id."""
ReadSource = Callable[[str], str]


@dataclass(frozen=True)
class Facts:
    """The facts that a slot in the Markdown may name: everything else about a question is in `solutions/`.

    `given` are bonus questions whose finished code students get: they are explained and worth nothing. `measured` are
    the numbers of `numbers.toml` by their dotted names.
    """

    rubric: Rubric
    term: str
    due: str = ""
    late: str = ""
    given: tuple[Question, ...] = ()
    constants: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, float | str] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    """The parts of the report by their names in nbgrader."""

    @property
    def language(self) -> str:
        """The code of the language that students read."""
        return self.rubric.names.language

    @property
    def shown(self) -> frozenset[str]:
        """The ids of all questions that students meet."""
        return frozenset(question.id for question in (*self.rubric.questions, *self.given))


HANDBOOK = {
    "ta_guide": "Grading",
    "ta_canvas": "Canvas, Moodle, Blackboard and Brightspace",
    "ta_gradescope": "Gradescope",
    "ta_nbgrader": "nbgrader's gradebook",
    "ta_cluster": "More than one machine",
}
"""The pages for teaching assistants, with their titles."""
TAKEN_ALONG = tuple(f"{page}.{kind}" for page in ("assignment", "lab0") for kind in ("html", "pdf"))
"""The pages that lie next to the student files in the download."""
STAFF = ("report_guide.md", *(f"{name}.md" for name in HANDBOOK))
"""Sources that students do not read: they are in English in every course."""
PAGES = ("assignment.md", "changes.md", "lab0.md", *STAFF)
"""The sources of the pages in `handouts/`."""


def handout_texts(read_source: ReadSource, facts: Facts) -> dict[str, str]:
    """The Markdown of every page, slots filled, by its name."""
    slots = {
        "core_sections": _sections(read_source, facts, bonus=False),
        "bonus_sections": _sections(read_source, facts, bonus=True),
    }
    staff = for_staff(facts)
    return {
        file.removesuffix(".md"): fill(read_source(file), file, staff if file in STAFF else facts, slots)
        for file in PAGES
    }


def for_staff(facts: Facts) -> Facts:
    """The same in English."""
    return replace(facts, rubric=replace(facts.rubric, names=replace(facts.rubric.names, language=ENGLISH)))


def handout_pages(read_source: ReadSource, facts: Facts, pictures: Path) -> dict[str, str | bytes]:
    """The pages of `handouts/`, by path; `pictures` is the folder of those that the kit does not draw."""
    texts = handout_texts(read_source, facts)
    own = pictures_of(texts.values(), pictures)
    drawn = {name: partial(draw, figure) for name, figure in FIGURES.items()} | {"temperature": draw_shares}
    screen, prints = (own | {name: make(palette) for name, make in drawn.items()} for palette in (SCREEN, PRINT))
    web = partial(web_page, figures=screen, term=facts.term)
    try:
        return _typeset({name: as_drawn(text) for name, text in texts.items()}, facts, web, prints)
    except AutograderError as error:
        raise _placed(error, read_source, facts, web) from error


def _typeset(
    texts: Mapping[str, str], facts: Facts, web: Callable[..., str], prints: Mapping[str, str]
) -> dict[str, str | bytes]:
    assignment, changes, guide = (texts[name] for name in ("assignment", "changes", "report_guide"))
    say, names, english = wording(facts.language), facts.rubric.names, for_staff(facts).rubric.names
    pdf = partial(pdf_page, figures=prints, term=facts.term)
    points = f"# {say('Points')}\n\n{points_table(facts.rubric)}"
    return {
        "handouts/assignment.html": web(f"{assignment}\n\n{changes}", names.homework, names=names),
        "handouts/assignment.pdf": pdf(assignment, names.homework, names=names),
        "handouts/lab0.html": web(texts["lab0"], say("Lab 0"), names=names),
        "handouts/lab0.pdf": pdf(texts["lab0"], say("Lab 0"), names=names),
        "handouts/points.html": web(points, say("Points"), names=names),
        "handouts/points.pdf": pdf(points, say("Points"), names=names),
        "handouts/report_guide.html": web(guide, "Marking the report", names=english),
        "handouts/report_guide.pdf": pdf(guide, "Marking the report", names=english),
        **{f"handouts/{name}.html": web(texts[name], title, names=english) for name, title in HANDBOOK.items()},
    }


def _placed(error: AutograderError, read_source: ReadSource, facts: Facts, web: Callable[..., str]) -> AutograderError:
    """The error with the name of the source that has it, which is found by making a page of each."""
    shown = (*facts.rubric.questions, *facts.given)
    slots = {"core_sections": "", "bonus_sections": ""}
    for file in (*PAGES, *map(section_of, shown)):
        text = fill(read_source(file), file, for_staff(facts) if file in STAFF else facts, slots)
        try:
            web(as_drawn(text), file)
        except AutograderError as found:
            return AutograderError(f"handouts/source/{file}: {found.message}", found.hint)
    return error


def _numbers(facts: Facts) -> Mapping[str, object]:
    """The numbers for examples on paper, those that were measured, and the commands that measured them."""
    quoted = quoting(facts.measured)
    return {
        "number": quoted,
        "command": lambda name, folder: broken(in_folder(quoted(name), folder)),
        "constant": facts.constants.__getitem__,
        "rounded": lambda value, digits=4: f"{value:.{digits}f}",
        **{name: getattr(math, name) for name in ("exp", "log", "sqrt")},
    }


def fill(markdown: str, name: str, facts: Facts, slots: Mapping[str, str] | None = None) -> str:
    """Put facts in the slots, for instance `{{ points("1.2") }}`; another slot is an error that names the page."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True, comment_start_string="{##"
    )
    by_id = {question.id: question for question in facts.rubric.questions}
    say = wording(facts.language)
    try:
        return environment.from_string(markdown).render(
            points=lambda question_id: number(by_id[question_id].points),
            title=lambda question_id: say(by_id[question_id].title),
            part=lambda name: number(facts.parts[name].points),
            **({"mark_scheme": mark_scheme(facts.parts.values())} if name in STAFF else {}),
            **_numbers(facts),
            asked=set(by_id),
            points_table=points_table(facts.rubric),
            commands_table=commands_table(facts.rubric),
            total=number(total_points(facts.rubric)),
            graded=number(facts.rubric.max_score),
            **{key: plain(said) for key, said in asdict(facts.rubric.names).items()},
            term=facts.term,
            due=facts.due,
            late=say(facts.late),
            **(slots or {}),
        )
    except (jinja2.TemplateError, KeyError, TypeError) as error:
        problem = f"handouts/source/{name} has a slot that cannot be filled: {error}."
        slots_known = (
            "`points(id)`, `title(id)`, `part(name)`, `constant(name)`, `rounded(value, digits)`, "
            "`number(name, digits)`, `command(name, folder)`, `points_table`, `commands_table`, "
            "`mark_scheme` (staff pages), `total`, `graded`, `term`, `due`, `late`, `homework`, `course`, "
            "`university`, `instructor`, `contact` or `language`"
        )
        hint = f"A slot names {slots_known}."
        raise AutograderError(problem, hint) from error


def plain(text: str) -> str:
    """The text in Markdown with its special characters escaped."""
    return MEANS_MORE.sub(r"\\\g<0>", text)


def points_table(rubric: Rubric) -> str:
    """The table of points, in Markdown."""
    say = wording(rubric.names.language)
    rows = [
        f"| {_named(question, say)} | {number(question.points)} | {_files(question)} |" for question in rubric.questions
    ]
    total = f"| **{say('Total without bonus')}** | **{number(total_points(rubric))}** | |"
    columns = "|:-----------------------------------------|------:|:------------------|"
    return "\n".join([_row(say, "Question", "Points", "File"), columns, *rows, total]) + "\n"


def mark_scheme(parts: Iterable[Part]) -> str:
    """The mark scheme of each part of the report under a heading with its points, in Markdown."""
    return "\n\n".join(f"### {part.title} ({number(part.points)} points)\n\n{part.scheme}" for part in parts)


def commands_table(rubric: Rubric) -> str:
    """The commands that run the public checks of each question, in Markdown; two student files run training instead."""
    say = wording(rubric.names.language)
    rows = [
        _row(
            str,
            f"{question.id} {say(question.title)}",
            number(question.points),
            ", ".join(map(_command, question.parts)),
        )
        for question in rubric.graded
    ]
    columns = "|:-----------------------|-----:|:--------------------------------|"
    every = f"| {say('all of them')} | | `python check.py` |"
    return "\n".join([_row(say, "Question", "Points", "Checked by"), columns, *rows, every]) + "\n"


def _row(say: Callable[[str], str], *cells: str) -> str:
    return f"| {' | '.join(map(say, cells))} |"


def _command(part: Question) -> str:
    trains = part.module in ("main", "main_linclis")
    return f"`python check.py {part.module}`" if trains else f"`python {part.file}`"


def total_points(rubric: Rubric) -> float:
    """All points without bonus, including those given by hand."""
    return sum(question.points for question in rubric.questions if not question.bonus)


def number(points: float) -> str:
    """Points in their shortest form: 20, 2.5."""
    return f"{points:g}"


def section_of(question: Question) -> str:
    """The source of a question's section, below `handouts/source/`."""
    return SECTIONS.get(question.file, f"questions/{question.id}.md")


def _sections(read_source: ReadSource, facts: Facts, bonus: bool) -> str:
    asked = [(question, worth(question)) for question in facts.rubric.questions]
    shown = [*asked, *((question, "given, no points") for question in facts.given)]
    parts = []
    for question, words in sorted(shown, key=lambda pair: rubric_order(pair[0])):
        if question.bonus == bonus:
            name = section_of(question)
            heading = wording(facts.language)(f"Question {question.id}: {question.title} ({words})")
            heading = f"## {heading} {{#question-{question.id.lower()}}}"
            text = read_source(name)
            if TO_WRITE in text:
                raise AutograderError(f"handouts/source/{name} is not finished.", f"Look for {TO_WRITE} in it.")
            parts.append(f"{heading}\n\n{fill(text, name, facts)}")
    return "\n\n".join(parts)


def _files(question: Question) -> str:
    return ", ".join(f"`{file}`" for file in (question.file, *question.also) if file)


def _named(question: Question, say: Wording) -> str:
    by_hand = question.manual and question.file != MYSTERY
    kind = "bonus" if question.bonus else "graded by hand" if by_hand else ""
    return f"{question.id} {say(question.title)}{f' ({say(kind)})' if kind else ''}"
