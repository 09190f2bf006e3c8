"""Tests a course in Korean: pages, PDFs and `check.py` are in its language, and what would stay English is reported."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest

from autograder.core.course_names import Names
from autograder.core.errors import AutograderError
from autograder.core.rubric import load_rubric
from autograder.diagnose.compositions import known
from autograder.handout.build import Inputs, generate, pages_of, rubric_of
from autograder.handout.files.annotations import BONUS_ID
from autograder.handout.files.mistake_rows import KnownMistake
from autograder.handout.pages import fonts, translation
from autograder.handout.pages.pagecheck import page_problems, pdf_problems, points_problems
from autograder.handout.pages.translation import missing
from autograder.handout.pages.typeset import pdf_page
from autograder.handout.repository import install
from autograder.handout.verify import _counted
from autograder.language import for_check, wording
from autograder.language.wording import Wording
from autograder.reference.catalogue import read_stand_ins
from autograder.reference.phrases import Phrase, joined

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"`[^`]*`")
ENGLISH = re.compile(r"\b(a|and|are|at|for|in|is|it|of|the|which)\b")
"""Words of which each English part of a hint has one."""
RIGHT_BUT = re.compile("(값은|손실은|개수는) 맞지만")
KOREAN = 'homework = "자기지도학습"\nuniversity = "서울대학교"\nlanguage = "ko"\n'


@pytest.fixture(scope="module")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's sources, as a Korean course has them, with its pages."""
    root = tmp_path_factory.mktemp("korean")
    for folder in ("solutions", "handouts/source"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    course = root / "solutions" / "course.toml"
    course.write_text(re.sub(r"\[course\]\n(.+\n)+", f"[course]\n{KOREAN}", course.read_text("utf-8")), "utf-8")
    for path, page in pages_of(root).items():
        (root / path).write_bytes(page.encode() if isinstance(page, str) else page)
    return root


class _Texts(HTMLParser):
    """The texts of a page, without code and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._left_out = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._left_out += tag in ("code", "style", "svg", "math")

    def handle_endtag(self, tag: str) -> None:
        self._left_out -= tag in ("code", "style", "svg", "math")

    def handle_data(self, data: str) -> None:
        if not self._left_out:
            self.texts.append(data.strip())


def texts(page: str) -> list[str]:
    reader = _Texts()
    reader.feed(page)
    return reader.texts


@pytest.mark.published
@pytest.mark.parametrize("name", ["assignment", "points"])
def test_pages_are_in_korean(korean: Path, name: str) -> None:
    page = (korean / "handouts" / f"{name}.html").read_text("utf-8")
    say = wording("ko")
    assert '<html lang="ko">' in page and "서울대학교 · " in page
    assert [text for text in texts(page) if say.table.get(text, text) != text] == []
    assert not re.search(r"\b(Question|Points|points|bonus|Due|Checked by)\b", " ".join(texts(page)))
    assert list(page_problems(name, page, {"points.html", "lab0.html"})) == []


@pytest.mark.published
def test_points_are_read_in_korean_too(korean: Path) -> None:
    page, rubric = (korean / "handouts" / "assignment.html").read_text("utf-8"), rubric_of(korean)
    assert "문제 1.2: 대조 손실(contrastive loss) (20점)" in page
    assert list(points_problems("a", page, rubric)) == []
    wrong = list(points_problems("a", page.replace("(20점)", "(30점)").replace("문제 1.4:", "문항 1.4:"), rubric))
    assert wrong == ["a: question 1.2 says 30 points, the rubric 20", "a: question 1.4 has no section"]


def test_pages_of_the_staff_stay_english(korean: Path) -> None:
    page = (korean / "handouts" / "ta_guide.html").read_text("utf-8")
    assert '<html lang="en">' in page and "자기지도학습" in page


def test_pdfs_are_in_korean(korean: Path) -> None:
    pdfs = {path.name: path.read_bytes() for path in (korean / "handouts").glob("*.pdf")}
    assert list(pdf_problems(pdfs, "points.pdf")) == []
    assert b"/Lang(ko)" in pdfs["points.pdf"] and b"NotoSansCJK" in pdfs["assignment.pdf"]


def test_a_character_that_no_font_has_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_fonts", lambda: [{"ignore_system_fonts": True}])
    with pytest.raises(AutograderError, match=r"The PDF of 'T' .* no font has 가 \(HANGUL SYLLABLE GA\), 나") as caught:
        pdf_page("# A\n\n가 나 é", "T", "2026", {})
    assert "manimgx-fonts-cjk" in caught.value.hint and "fonts-noto-cjk" in caught.value.hint


def test_an_english_page_has_typsts_fonts_whatever_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name in another script is set in a font that has it; without one, bytes depend on no font of the machine."""
    english = pdf_page("# A", "T", "2026", {})
    assert b"NotoSansCJK" in pdf_page("# A", "T", "2026", {}, Names(university="서울대학교"))
    monkeypatch.setattr(fonts, "_fonts", lambda: [{"ignore_system_fonts": True}])
    assert pdf_page("# A", "T", "2026", {}) == english


def test_check_speaks_korean_in_a_students_folder(
    repository: Path, inputs: Inputs, load_check: Callable[[Path], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    with (repository / "solutions" / "course.toml").open("a") as course:
        course.write(f"[course]\n{KOREAN}")
    files = generate(repository, inputs)
    install(repository, files)
    check = load_check(repository / "assignment")
    assert check.main(["criterion"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("자기지도학습, 2026 fall\n")
    assert "[------실패------]\n문제 1.2: 아직 구현하지 않았습니다\n" in said
    assert "passed" not in said and "failed" not in said
    counted = _counted(files, said)
    assert counted is not None and counted.groupdict() == {"passed": "0", "all": "2"}


def test_english_lacks_nothing() -> None:
    assert list(missing(ROOT, "en")) == []


@pytest.mark.published
def test_korean_lacks_nothing() -> None:
    assert list(missing(ROOT, "ko")) == []


@pytest.mark.published
@pytest.mark.parametrize("question", [question.id for question in load_rubric().graded])
def test_hints_are_korean_throughout_also_for_several_faults_at_once(question: str) -> None:
    say = wording("ko")
    for stand_in in known(ROOT / "solutions" / "mistakes", question):
        said = CODE.sub("", say(stand_in.hint))
        assert not ENGLISH.search(said), stand_in.hint
        assert not (stand_in.combines and RIGHT_BUT.search(said)), stand_in.hint


@pytest.mark.published
def test_a_sentence_that_the_table_lacks_is_told_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = ("Look here first", "{passed} of {all} public checks pass.", "The backbone is frozen", "graded by hand")
    table = {english: said for english, said in wording("ko").table.items() if english not in lacking}
    monkeypatch.setattr(translation, "wording", lambda language: Wording(table))
    told = "\n".join(missing(ROOT, "ko"))
    for path, sentence in (
        ("autograder/report/templates/question.html.j2", "Look here first"),
        ("solutions/ssl_kit/check.py", "{x} of {x} public checks pass."),
        ("autograder/checks", "The backbone is frozen"),
    ):
        assert re.search(rf"^{re.escape(path)}: in English stays .*{re.escape(sentence)}", told, re.MULTILINE), path


@pytest.mark.published
@pytest.mark.parametrize(
    ("folder", "lacking"),
    [
        ("solutions/mistakes", "The largest label is meant; look at what you go over."),
        ("autograder/checks", "Equal counts go to the largest label"),
        ("autograder/diagnose/another_year.py", "Read it again as it is asked now."),
    ],
)
def test_what_only_a_variant_says_is_asked_for_too(monkeypatch: pytest.MonkeyPatch, folder: str, lacking: str) -> None:
    before = {*missing(ROOT, "ko")}
    table = {english: said for english, said in wording("ko").table.items() if english != lacking}
    monkeypatch.setattr(translation, "wording", lambda language: Wording(table))
    (line,) = {*missing(ROOT, "ko")} - before
    assert line.startswith(f"{folder}: in English stays ")


def test_a_passage_that_a_variant_replaces_in_one_language_alone_is_told(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translation, "_sentences", lambda root: {})
    source = repository / "handouts" / "source"
    (source / "ko").mkdir()
    for page in source.glob("*.md"):
        (source / "ko" / page.name).write_text(page.read_text("utf-8"), "utf-8")
    english, korean = (f'["2026".texts."handouts/source/{name}"]\n' for name in ("running.md", "ko/running.md"))
    for texts, told in (
        (f'{english}"a" = "b"\n', "replaces 1 of handouts/source/running.md and 0 of handouts/source/ko/running.md"),
        (f'{korean}"a" = "b"\n', "replaces 0 of handouts/source/running.md and 1 of handouts/source/ko/running.md"),
        (f'{english}"a" = "b"\n{korean}"c" = "d"\n', ""),
    ):
        (repository / "solutions" / "variants.toml").write_text(f'["2026"]\n{texts}', "utf-8")
        lines = [line for line in missing(repository, "ko") if "passages" in line]
        assert [told in line for line in lines] == ([True] if told else [])


@pytest.mark.parametrize(
    ("english", "korean", "told"),
    [
        ("A `b` of $c$.", "`b`의 $c$.", ""),
        ("A `b` of 3.", "`d`의 3.", r"paragraph 1, differs from the English one in `[bd]`"),
        ("A $0.5$.", "A $0.2$.", r"differs from the English one in \$0\.[25]\$"),
        ("One.\n\nTwo.", "하나.", "has 1 paragraphs, and the English page 2"),
        ("One.", None, "is not there; the English page stands"),
    ],
)
def test_a_page_that_fell_behind_is_told(tmp_path: Path, english: str, korean: str | None, told: str) -> None:
    pages = {"x.md": english, "ta_guide.md": "Staff."} | ({} if korean is None else {"ko/x.md": korean})
    for name, text in pages.items():
        (tmp_path / "handouts/source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "handouts/source" / name).write_text(text)
    (tmp_path / "handouts/source/release.md").write_text("For the instructor.")
    found = list(translation.pages_behind(tmp_path, "ko"))
    assert len(found) == bool(told) and all(re.search(told, line) for line in found)


def test_what_two_faults_at_once_give_is_said_in_the_language_of_the_course() -> None:
    """`check.py` joins what stands in the file, and has of the table only what is for it."""
    say, told = wording("ko"), Wording(for_check("ko"))
    faults = (
        Phrase("the sign is missing", "at the last line"),
        Phrase("there is a factor 2", "for `half()`, `float16` or `bfloat16`"),
    )
    (known,) = [KnownMistake("both", phrases=faults).said(say, say.part)]
    assert told(known.words) == say(joined(faults))
    assert told(known.words) == (
        "두 가지가 한꺼번에 틀렸습니다. 첫째, 부호가 빠졌습니다. 둘째, 2가 곱해져 있습니다. "
        "마지막 줄을 보십시오. 그리고 `half()`, `float16`, `bfloat16`을 찾아보십시오."
    )


def test_each_pair_of_common_faults_is_joined_in_the_language_of_the_course() -> None:
    say, told = wording("ko"), Wording(for_check("ko"))
    common = [one for one in read_stand_ins(ROOT / "solutions" / "mistakes") if one.stage and one.common]
    alone = [one for one in common if not BONUS_ID.fullmatch(one.question)]
    faults = [KnownMistake("", phrases=(fault.phrase,)).said(say, say.part) for fault in alone]
    for one, other in combinations(faults, 2):
        pair = [*one.phrases, *other.phrases]
        places = [phrase.where.partition(" ")[2] for phrase in pair]
        if all(places) and places[0] != places[1]:
            (first, second), (x, y) = (phrase.wrong for phrase in pair), places
            said = f"두 가지가 한꺼번에 틀렸습니다. 첫째, {first}. 둘째, {second}. {x}. 그리고 {y}."
            assert told(joined(pair)) == said
