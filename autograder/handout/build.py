"""Makes everything that is generated, in memory, so that `build` and `check` cannot disagree.

Students get the student files, `check.py`, and all of `solutions/ssl_kit/`. Another Python file next to these stops the
build, because it may be something that students must not see.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.checks import judge
from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, Case, Question, Rubric, Variant
from autograder.core.rubric import course_digest
from autograder.handout.course import Course, State, load_course, weigh
from autograder.handout.files.annotations import Stub, collect_questions, read_stubs, rubric_order
from autograder.handout.files.mistake_rows import KnownMistake
from autograder.handout.files.public_checks import AnswerSource, Demanded, public_checks_json
from autograder.handout.files.regions import keep_shown, region_at
from autograder.handout.files.report_notebook import marked_parts, student_notebook, weighed, with_items
from autograder.handout.files.rubric_file import rubric_json
from autograder.handout.files.stubs import STEPS, steps_source, stub_source
from autograder.handout.files.student_zip import asked_json, environment, requirements, words_json, zipped
from autograder.handout.pages.fill import STAFF, TAKEN_ALONG, Facts, fill, handout_pages, handout_texts
from autograder.handout.pages.measured import measured
from autograder.handout.term.published import published_json
from autograder.handout.term.seeds import terms_with
from autograder.language import wording
from autograder.mystery import FILE as MYSTERY
from autograder.reference.constants import HOMES, Number, constants_of
from autograder.reference.renaming import in_code, named_in
from autograder.reference.variants import legend
from autograder.reference.years import VARIANTS, Year, load_years, read_text, student_files
from autograder.sandbox.student import in_parts

CHECK = "check.py"
KIT = "ssl_kit"
"""The folder of `solutions/` and of `assignment/` that holds the given code."""
PUBLIC = f"{KIT}/public"
"""The folder of `assignment/` that holds the parts of the public checks."""
COLAB = f"{KIT}/colab.ipynb"
"""The notebook that runs the assignment on Colab or Kaggle."""
PROBES = "autograder/sandbox/probes"
SHARED = (
    *("apart.py", "definitions.py", "describe.py", "harmless.py", "importer.py", "libraries.py", "source.py"),
    *("state.py", "versions.py"),
)
"""Files of `autograder/sandbox` that `check.py` uses too, so that it agrees with the grader."""
COLLECTING = (
    *("blocks.py", "choose.py", "contents.py", "counting.py", "encoding.py", "inventory.py", "ipynb.py", "missing.py"),
    *("near.py", "needed.py", "notebooks.py", "scripts.py", "walk.py"),
)
"""Files of `autograder/collect` that decide which file of a hand-in counts, for `check.py --zip`."""
COMPARING = ("checks/compare.py", "core/values.py", "core/student_files.py", "mystery/entries.py")
"""Files of `autograder` that compare values, word differences, name and read what is handed in."""
WORDS = ("reference/phrases.py", "language/wording.py")
"""Files of `autograder` that word hints."""
_IN_HAND_IN = ("autograder.core.settings", "autograder.collect.skeleton")
"""Modules that a student's copy of a shared file finds in `hand_in.py`; shared files find each other in `public`."""
FORMULA = re.compile(r"\$\$[^$]+\$\$|\$[^$]+\$")
SOURCES_HINT = "Run `handout` in a whole copy of the repository, or name one with --root."

Generated = Mapping[str, bytes]
"""The content of each generated file by its path relative to the repository, with `/`."""


@dataclass(frozen=True)
class Inputs:
    """The inputs of a build in addition to the repository: cases and their answers; `common` are the stored cases."""

    public_cases: Callable[[str], Sequence[Case]]
    source: AnswerSource
    mistakes: Mapping[str, Sequence[KnownMistake]]
    common: Callable[[str, str], Sequence[Case]] = lambda question, seed: ()
    demanded: Demanded = judge.shown


def generate(root: Path, inputs: Inputs) -> Generated:
    """Make everything that `handout build` writes."""
    solutions = root / "solutions"
    course = load_course(solutions / "course.toml")
    stubs = read_student_files(root)
    facts = facts_of(root)
    asked = {question.id: question for question in facts.rubric.graded}
    shown = facts.shown
    skeletons = {}
    for file, (source, found) in stubs.items():
        _demand_regions(source, found, file)
        skeletons[file] = keep_shown(stub_source(source, found, file, asked), shown, file)
    pyproject = _read(root / "pyproject.toml")
    students: dict[str, str] = {
        **skeletons,
        **{name: keep_shown(read_worded(root, f"solutions/{name}"), shown, name) for name in given_files(root)},
        **{path.name: steps_source(read_worded(root, f"solutions/{STEPS}")) for path in solutions.glob(STEPS)},
        **{name: student_notebook(text) for name, text in reports_of(root).items()},
        COLAB: _read(root / "solutions" / COLAB),
        **{f"{PUBLIC}/probe_{path.name}": _read(path) for path in _probes(root)},
        **{f"{PUBLIC}/{name}": _shared(root / "autograder" / "sandbox" / name) for name in SHARED},
        **{f"{PUBLIC}/{name}": _shared(root / "autograder" / "collect" / name) for name in COLLECTING},
        **{f"{PUBLIC}/{Path(name).name}": _shared(root / "autograder" / name) for name in (*COMPARING, *WORDS)},
        f"{PUBLIC}/words.json": words_json(facts.rubric.names, facts.term),
        f"{PUBLIC}/public_checks.json": _public_checks(root, facts.rubric.graded, inputs, facts.language),
        f"{PUBLIC}/asked.json": asked_json(skeletons, pyproject, solutions, facts.rubric),
        "requirements.txt": requirements(pyproject),
        "environment.yml": environment(pyproject),
        "README.md": fill(read_source(root, "assignment_readme.md"), "assignment_readme.md", facts),
        "running.md": read_source(root, "running.md"),
        f"{KIT}/LICENSE": _read(root / "LICENSE"),
    }
    pages = pages_of(root)
    files: dict[str, str | bytes] = {**{f"assignment/{name}": text for name, text in students.items()}, **pages}
    digest, terms = course_digest(solutions / "course.toml"), terms_with(root, course.term, course.seed)
    files["autograder/core/rubric.json"] = rubric_json(facts.rubric, digest, terms)
    files |= published_json(root, shown)
    files["handouts/assignment.zip"] = _download(students, pages)
    return {path: _bytes(files[path]) for path in sorted(files)}


def facts_of(root: Path) -> Facts:
    """The facts for the pages, from the course's settings and the question headers."""
    course = load_course(root / "solutions" / "course.toml")
    questions = collect_questions((file, found) for file, (_, found) in read_student_files(root).items())
    _demand_new_ids(course, questions)
    weighed = weigh(course, questions)
    asked = [question for question in weighed if course.state(question) is State.ASKED]
    given = tuple(question for question in weighed if course.state(question) is State.GIVEN)
    variant, *earlier = variants_of(root)
    seed = course.seed if not earlier else f"{course.seed}/{variant.name}"
    reports = reports_of(root)
    found = tuple(sorted([*asked, *with_items(course.manual, reports)], key=rubric_order))
    rubric = Rubric(found, seed, variant, tuple(earlier), course.course)
    parts = {name: part for text in reports.values() for name, part in marked_parts(text).items()}
    return Facts(rubric, course.term, course.due, course.late, given, constants_now(root), measured(root), parts)


def constants_now(root: Path) -> dict[str, Number]:
    """The named numbers of the reference and the flags, in this year's variant.

    Raises AutograderError if two places do not agree, or if the variant sets one that is not there.
    """
    sources = {file: read_worded(root, f"solutions/{file}") for file in HOMES}
    found = constants_of(sources)
    year = years_of(root)[0]
    if unknown := sorted(year.constants.keys() - found.keys()):
        problem = (
            f"solutions/variants.toml: variant {year.name} sets {unknown[0]}, which is in none of {', '.join(HOMES)}."
        )
        raise AutograderError(problem, f"Delete it there, or set one of {', '.join(sorted(found))}.")
    return found


def variants_of(root: Path) -> list[Variant]:
    """This year's variant, and those before it."""
    sources = [_read(root / "solutions" / file) for file in STUDENT_FILES]
    return [year.variant(sources) for year in years_of(root)]


def years_of(root: Path) -> tuple[Year, ...]:
    """This year's variant as it is written, then those before it, the last one first."""
    course = load_course(root / "solutions" / "course.toml")
    return load_years(root / "solutions" / VARIANTS, course.variant)


def rubric_of(root: Path) -> Rubric:
    """The questions as `solutions/` has them now."""
    return facts_of(root).rubric


def pages_of(root: Path) -> Mapping[str, str | bytes]:
    """Make the pages alone, which needs no reference and takes a second."""
    return handout_pages(lambda name: read_source(root, name), facts_of(root), root / "handouts/source/figures")


def texts_of(root: Path) -> Mapping[str, str]:
    """The pages' Markdown, slots filled and not yet typeset."""
    return handout_texts(lambda name: read_source(root, name), facts_of(root))


def _download(students: Mapping[str, str], pages: Mapping[str, str | bytes]) -> bytes:
    """The student files and the handout that goes with them."""
    handout = {name: pages[f"handouts/{name}"] for name in TAKEN_ALONG}
    return zipped({name: _bytes(text) for name, text in {**students, **handout}.items()})


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _demand_regions(source: str, stubs: Sequence[Stub], file: str) -> None:
    """Refuse a bonus question outside of its region, because it could not be left out."""
    for stub in stubs:
        if stub.question.bonus and region_at(source, file, stub.header) != stub.question.id:
            problem = f"solutions/{file}, line {stub.header}, is not in the region of question {stub.question.id}."
            hint = f"Put `### With question {stub.question.id}` above the function, `### End of question …` below."
            raise AutograderError(problem, hint)


def _demand_new_ids(course: Course, questions: Sequence[Question]) -> None:
    ids = {question.id for question in questions}
    for question in course.manual:
        if question.id in ids:
            problem = f"solutions/course.toml repeats question {question.id}, which is there already."
            raise AutograderError(problem, "Give each question an id of its own.")
        ids.add(question.id)


def read_student_files(root: Path) -> dict[str, tuple[str, tuple[Stub, ...]]]:
    """The text of each student file in this year's variant, solutions included, and its stubs."""
    variant = variants_of(root)[0].name  # which says, of a file that is missing, that this is not a whole copy
    sources = student_files(root / "solutions", variant)
    return {file: (source, read_stubs(source, file)) for file, source in sources.items()}


def given_files(root: Path) -> tuple[str, ...]:
    """The given files by their paths in `solutions/`; any other .py file next to `check.py` must be a student file."""
    solutions = root / "solutions"
    for path in sorted(solutions.glob("*.py")):
        if path.name not in (CHECK, STEPS, *STUDENT_FILES):
            problem = f"solutions/{path.name} is neither a student file nor a given one."
            raise AutograderError(problem, f"Move it into solutions/{KIT}/, where given files lie, or away.")
    given = (CHECK, *sorted(path.relative_to(solutions).as_posix() for path in (solutions / KIT).rglob("*.py")))
    for name in given:
        read_stubs(_read(solutions / name), name)
    return given


def reports_of(root: Path) -> dict[str, str]:
    """The notebooks that a person grades, by file, with this term's points and their mark schemes."""
    manual = load_course(root / "solutions" / "course.toml").manual
    graded = (question for question in manual if question.file not in ("", MYSTERY))
    return {one.file: weighed(_read(root / "solutions" / one.file), one) for one in graded}


def _probes(root: Path) -> list[Path]:
    """The files that call a student's functions, here and when grading.

    Students get each under a name of its own: a hand-in that holds the whole folder has `criterion.py` once.
    """
    return [root / PROBES / file for file in STUDENT_FILES]


def _shared(path: Path) -> str:
    """A file of the grader in the form for students: it finds the other shared files in `public`."""
    text = _read(path)
    for module in _IN_HAND_IN:
        text = text.replace(f"from {module} import", f"from {KIT}.hand_in import")
    return re.sub(r"^from autograder\.(?:sandbox|collect|core)\.", f"from {KIT}.public.", text, flags=re.MULTILINE)


def _public_checks(root: Path, questions: Sequence[Question], inputs: Inputs, language: str) -> str:
    say = wording(language)
    questions = [replace(question, title=say(question.title)) for question in questions]
    asked = [part for question in questions for part in in_parts(question, inputs.public_cases(question.id))]
    mistakes = {
        question: [mistake.said(say, say.part) for mistake in known] for question, known in inputs.mistakes.items()
    }
    for question, cases in asked:
        if not cases:
            problem = f"Question {question.id} has no public case."
            raise AutograderError(problem, f"Write one in autograder/cases/{question.file}.")
    earlier = root / "assignment" / PUBLIC / "public_checks.json"
    before = earlier.read_bytes() if earlier.is_file() else b""
    return public_checks_json(asked, inputs.source, mistakes, inputs.demanded, before)


def read_source(root: Path, name: str) -> str:
    """A page of `handouts/source/` with this year's wording, and this year's names in a question's section."""
    text = read_worded(root, source_of(root, name))
    if not name.startswith("questions/"):
        return text
    variant, course = variants_of(root)[0], load_course(root / "solutions" / "course.toml").course
    symbols = legend(" ".join(FORMULA.findall(text)), named_in(text, variant.calls), variant)
    heading, blank, rest = in_code(text, variant.calls).partition("\n\n")
    explained = "\n".join(map(wording(course.language), symbols))
    return f"{heading}{blank}{explained}{blank * bool(symbols)}{rest}"


def source_of(root: Path, name: str) -> str:
    """The path of the source of a page or section: in the course's language, or in English if there is none."""
    language = load_course(root / "solutions" / "course.toml").course.language
    own = f"handouts/source/{language}/{name}"
    return own if name not in STAFF and (root / own).is_file() else f"handouts/source/{name}"


def read_worded(root: Path, path: str) -> str:
    """Read a file with this year's wording."""
    return years_of(root)[0].worded(_read(root / path), path)


def _read(path: Path) -> str:
    return read_text(path, SOURCES_HINT)
