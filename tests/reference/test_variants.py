"""Tests a year's variant: cases and sentences, and that the answers of the year before lose and are recognised."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from autograder.cases import public_cases
from autograder.core.errors import AutograderError
from autograder.core.records import STUDENT_FILES, QuestionResult, Rubric, Submission, Variant
from autograder.core.settings import ROOT, Limits
from autograder.grading.grader import Grader
from autograder.handout.build import read_source, read_student_files, rubric_of
from autograder.handout.files.annotations import read_stubs
from autograder.language import wording
from autograder.reference.frozen import Fixtures
from autograder.reference.variants import as_asked, as_written, in_words, legend
from autograder.reference.years import Year, load_years, switched
from tests.reference.test_renaming import CALLS, SOURCE

LARGEST = Variant("2027", ties="largest", constants=(("lambd", 0.01),))


def test_a_symbol_that_is_an_argument_under_another_name_is_explained() -> None:
    variant = Variant("2", CALLS)
    assert legend("Update with m = 0.9: m·z1_i, z12", ["Loss.f"], variant) == (
        "`z1` stands here for the argument `h1`.",
        "`m` stands here for the argument `decay`.",
    )
    assert wording("ko")("`m` stands here for the argument `decay`.") == "`m`은(는) 여기서 인자 `decay`를 가리킵니다."
    assert legend("m", ["Loss.g"], variant) == legend("mean of h1", ["Loss.f"], variant) == ()


def test_the_rule_for_ties_is_turned_round_for_students_alone() -> None:
    for case in public_cases("2"):
        asked = as_asked(case, LARGEST)
        assert not np.array_equal(asked.arrays["train_labels"], case.arrays["train_labels"])
        assert asked.digest != case.digest
        back = as_written(asked, LARGEST)
        assert all(np.array_equal(back.arrays[name], case.arrays[name]) for name in case.arrays)
        assert as_asked(case, Variant()) is case
    assert as_written(public_cases("B2")[0], LARGEST).params == {"lambd": 0.01}


def test_sentences_on_ties_are_turned_round() -> None:
    assert in_words("The smallest label, not the largest one; the largest count.", LARGEST) == (
        "The largest label, not the smallest one; the largest count."
    )
    assert in_words("the smallest label", Variant()) == "the smallest label"


def test_the_years_come_from_the_chosen_one_back(tmp_path: Path) -> None:
    path = tmp_path / "variants.toml"
    path.write_text('["1"]\n["2"]\nties = "largest"\n["3"]\n')
    assert [year.name for year in load_years(path, "2")] == ["2", "1"]
    with pytest.raises(AutograderError, match="no variant '4'") as caught:
        load_years(path, "4")
    assert caught.value.hint.startswith("Name one of 1, 2, 3")
    settings = tmp_path / "course.toml"
    settings.write_text('term = "t"  # kept\nvariant = "2"\n')
    assert switched(settings, path, "3").decode() == 'term = "t"  # kept\nvariant = "3"\n'
    with pytest.raises(AutograderError, match="no variant"):
        switched(settings, path, "9")
    settings.write_text("term = 1\n")
    with pytest.raises(AutograderError, match="no line like"):
        switched(settings, path, "3")


@pytest.mark.parametrize(
    ("renamed", "message"),
    [
        ({"f": {"m": "decay"}}, "renames arguments of f, a function that is not there"),
        ({"Loss.f": {"n": "decay"}}, "renames n of Loss.f, an argument that is not there"),
        ({"Loss.f": {"m": "lambda"}}, "'lambda', which is not a name in Python"),
        ({"Loss.f": {"m": "2m"}}, "'2m', which is not a name"),
        ({"Loss.f": {"z1": "h", "z2": "h"}}, "'h', which would then be the name of two arguments"),
        ({"Loss.f": {"z1": "z2"}}, "'z2', which would then be the name of two arguments"),
        ({"Loss.f": {"z1": "scaled"}}, "'scaled', which means something else in that function"),
        ({"Loss.f": {"z1": "F"}}, "'F', which means something else"),
        ({"Loss.f": {"z1": "self"}}, "'self', which means something else"),
        ({"Loss.f": {"z1": "Loss"}}, "'Loss', which means something else"),
    ],
)
def test_a_name_that_can_not_be_is_refused(renamed: Mapping[str, Mapping[str, str]], message: str) -> None:
    with pytest.raises(AutograderError, match=re.escape(message)) as caught:
        Year("2", arguments=renamed).variant([f"import torch.nn.functional as F\n{SOURCE}"])
    assert caught.value.hint


def test_two_arguments_may_change_their_names() -> None:
    variant = Year("2", arguments={"Loss.f": {"z1": "z2", "z2": "z1"}}).variant([SOURCE])
    assert variant.calls == (("Loss.f", (("z1", "z2"), ("z2", "z1"), ("m", "m"))),)


@pytest.mark.parametrize(
    "text",
    ['["1"]\nties = "any"\n', '["1"]\nconstants = { lambd = "x" }\n', '["1"]\nmore = 1\n', "1 = 2\n", "[", '["a b"]\n'],
)
def test_a_wrong_variant_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "variants.toml"
    path.write_text(text)
    with pytest.raises(AutograderError) as caught:
        load_years(path, "1")
    assert str(path) in caught.value.message and caught.value.hint


@pytest.fixture(scope="module")
def next_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference as the variant 2027 has it."""
    root = tmp_path_factory.mktemp("kit")
    shutil.copytree(ROOT / "solutions", root / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    chosen = switched(root / "solutions/course.toml", root / "solutions/variants.toml", "2027")
    (root / "solutions/course.toml").write_bytes(chosen)
    return root


@pytest.fixture(scope="module")
def graded(next_year: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, QuestionResult]]:
    """This year's right answers, last year's files, and last year's lines under this year's heads."""
    rubric, folder = rubric_of(next_year), tmp_path_factory.mktemp("class")
    for name in ("right", "files", "lines", "rule"):
        (folder / name).mkdir()
    for file, (varied, stubs) in read_student_files(next_year).items():
        old = (ROOT / "solutions" / file).read_text()
        (folder / "right" / file).write_text(varied)
        (folder / "files" / file).write_text(old)
        (folder / "lines" / file).write_text(_spliced(varied, old, file))
        rule = re.sub(r"num_labels - 1 - counts\.flip\(1\)", "counts", varied).replace("lambd = 0.01", "lambd = 0.0051")
        (folder / "rule" / file).write_text(rule)
        assert stubs
    return _results(rubric, folder)


def _spliced(varied: str, old: str, file: str) -> str:
    """The old lines between the new markers."""
    lines, before = varied.splitlines(keepends=True), old.splitlines(keepends=True)
    for new, written in reversed(list(zip(read_stubs(varied, file), read_stubs(old, file), strict=True))):
        lines[new.start : new.end - 1] = before[written.start : written.end - 1]
    return "".join(lines)


def _results(rubric: Rubric, folder: Path) -> Mapping[str, Mapping[str, QuestionResult]]:
    with Grader(rubric, Limits(), fixtures=Fixtures(rubric, None)) as grader:
        return {
            path.name: {one.id: one for one in grader.grade(Submission(path.name, path), rubric.graded).questions}
            for path in sorted(folder.iterdir())
        }


def test_this_years_answers_get_full_marks(graded: Mapping[str, Mapping[str, QuestionResult]]) -> None:
    assert {one.id: one.score for one in graded["right"].values()} == {
        one.id: one.max_score for one in graded["right"].values()
    }


@pytest.mark.published
@pytest.mark.parametrize("student", ["files", "lines"])
def test_last_years_answers_lose_points_and_are_recognised(
    graded: Mapping[str, Mapping[str, QuestionResult]], student: str
) -> None:
    for one in graded[student].values():
        assert one.score < one.max_score, one.id
        assert [found.mistake for found in one.diagnosis] == ["matches variant 2026"], one.id


@pytest.mark.published
def test_last_years_rule_and_constant_are_recognised_under_this_years_names(
    graded: Mapping[str, Mapping[str, QuestionResult]],
) -> None:
    lost = {one.id for one in graded["rule"].values() if one.score < one.max_score}
    assert lost == {"2", "B2"}
    for question in lost:
        assert [found.mistake for found in graded["rule"][question].diagnosis] == ["matches variant 2026"]
    assert "`K` stands here for the argument `neighbours`." in graded["rule"]["2"].advisories
    said = " ".join(check.name for check in graded["rule"]["2"].checks)
    assert "the largest label" in said and "smallest label" not in said


@pytest.mark.published
def test_the_handout_says_which_argument_a_symbol_is(next_year: Path) -> None:
    shutil.copytree(ROOT / "handouts", next_year / "handouts", dirs_exist_ok=True)
    told = {name: read_source(next_year, f"questions/{name}.md") for name in ("1.2", "1.4", "B1")}
    assert ["stands here" in text for text in told.values()] == [False, True, True]
    assert "\n\n`m` stands here for the argument `decay`.\n\n" in told["1.4"]
    assert "\n\n`q` stands here for the argument `queries`.\n`k` stands here for the argument `keys`.\n\n" in told["B1"]


@pytest.mark.published
def test_inputs_are_fresh(next_year: Path) -> None:
    assert rubric_of(next_year).seed != rubric_of(ROOT).seed
    assert set(STUDENT_FILES) == {question.file for question in rubric_of(next_year).graded}
