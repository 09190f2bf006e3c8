"""`handout rename` and `handout promote`: give a question another id, in every place that knows it."""

from __future__ import annotations

import re
from pathlib import Path

from autograder.core.errors import AutograderError
from autograder.handout.course import load_course
from autograder.handout.edit import naming
from autograder.handout.edit.staging import edited
from autograder.handout.files.annotations import BONUS_ID, CORE_ID
from autograder.handout.files.regions import unwrapped

FLAGS = Path("solutions/ssl_kit/flags.py")


def rename(root: Path, old: str, new: str) -> list[str]:
    """Give a question another id of its kind; returns a line for each file that changed.

    Raises AutograderError if there is no such question, or if the id is taken or of the other kind.
    """
    demand_known(root, old)
    if bool(BONUS_ID.fullmatch(old)) != bool(BONUS_ID.fullmatch(new)):
        kinds = "an id like B2 is a bonus question's, and one like 1.5 or 5 a core question's"
        hint = "To make a bonus question a core question, write for example `handout promote B2 5`."
        raise AutograderError(f"{old} cannot become {new}: {kinds}.", hint)
    demand_free(root, new)
    with edited(root) as (copy, done):
        _move(copy, old, new)
    return done


def promote(root: Path, old: str, new: str) -> list[str]:
    """Make a bonus question a core question; returns a line for each file that changed.

    Its code is then always there, so the marker lines around its regions are removed. Raises AutograderError as
    `rename` does.
    """
    demand_known(root, old)
    if not BONUS_ID.fullmatch(old) or not CORE_ID.fullmatch(new):
        problem = f"{old} cannot become {new}: a bonus question like B2 becomes a core question like 7 or 1.5."
        raise AutograderError(problem, "`handout rename` gives a question another id of its kind.")
    demand_free(root, new)
    with edited(root) as (copy, done):
        for path in naming.written_files(copy):
            text = unwrapped(path.read_text(encoding="utf-8"), old, path.name)
            path.write_text(re.sub(rf"(### Question {old}: .*), bonus\)$", r"\1)", text, flags=re.MULTILINE), "utf-8")
        drop_state(copy / "solutions" / "course.toml", old)
        forget_need(copy / FLAGS, old)
        _move(copy, old, new)
    return done


def _move(copy: Path, old: str, new: str) -> None:
    for path in naming.python_files(copy):
        _rewrite(path, naming.in_python(path.read_text(encoding="utf-8"), old, new))
    for path in naming.text_files(copy):
        _rewrite(path, naming.in_page(path.read_text(encoding="utf-8"), old, new))
    if (tables := copy / naming.TABLES).is_file():
        _rewrite(tables, naming.in_rows(tables.read_text(encoding="utf-8"), old, new))
    for name in ("course.toml", "variants.toml"):
        path = copy / "solutions" / name
        _rewrite(path, naming.in_settings(path.read_text(encoding="utf-8"), old, new))
    naming.draw_as_before(copy, old, new)
    for path in naming.own_files(copy, old):
        path.rename(path.with_name(f"{new}{path.suffix}"))


def drop_state(path: Path, question: str) -> None:
    """Remove the question's line under [bonus]: core questions have none."""
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf'^{question} *= *"\w+".*\n', "", text, flags=re.MULTILINE), "utf-8")


def forget_need(path: Path, question: str) -> list[str]:
    """Remove the question from the needs of methods, once its code is always there or gone; returns those methods."""
    text = path.read_text(encoding="utf-8")
    line = re.compile(rf'^ *\*\*dict\.fromkeys\((.*), "{question}"\),\n', re.MULTILINE)
    path.write_text(line.sub("", text), "utf-8")
    return [name for found in line.findall(text) for name in re.findall(r'"([^"]+)"', found)]


def _rewrite(path: Path, text: str) -> None:
    if text != path.read_text(encoding="utf-8"):
        path.write_text(text, "utf-8")


def demand_known(root: Path, question: str, manual: bool = True) -> None:
    """Raise AutograderError if there is no such question, or without `manual` none that has a stub."""
    by_hand = load_course(root / "solutions" / "course.toml").manual
    known = [*naming.questions_of(root), *(one.id for one in by_hand if manual)]
    if question not in known:
        raise AutograderError(f"There is no question {question}.", f"Known: {', '.join(sorted(known))}.")


def demand_id(question: str) -> None:
    """Raise AutograderError if this is not the form of an id."""
    if not BONUS_ID.fullmatch(question) and not CORE_ID.fullmatch(question):
        raise AutograderError(
            f"{question!r} is not an id of a question.", "Bonus questions are B6, core questions 7 or 1.5."
        )


def demand_free(root: Path, question: str) -> None:
    """Raise AutograderError if the id has another form, or belongs to a question."""
    demand_id(question)
    manual = {one.id: one for one in load_course(root / "solutions" / "course.toml").manual}
    taken = {**naming.questions_of(root), **manual}.get(question)
    if taken:
        problem = f"Question {question} is {taken.title!r} in {taken.file or 'solutions/course.toml'} already."
        raise AutograderError(problem, "Take another id, or rename that one first.")
