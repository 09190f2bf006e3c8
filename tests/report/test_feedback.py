"""The page of one student."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from autograder.core.outcomes import CheckResult, Outcome
from autograder.core.records import About, Excerpt, Question, QuestionResult, Result, Rubric, Status
from autograder.marks.points import Given, Points, whole
from autograder.report.feedback import feedback_page, lateness, verdict


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ("ada_lovelace", "mixed"),
        ("turing", "full"),
        ("untouched", "untouched"),
        ("empty.zip", "problem"),
        ("=cmd()", "error"),
    ],
)
def test_golden(
    student: str, name: str, results: list[Result], rubric: Rubric, golden: Callable[[str, str], None]
) -> None:
    result = next(result for result in results if result.student == student)
    golden(f"feedback_{name}.html", feedback_page(result, rubric))


def test_golden_of_a_nasty_name(results: list[Result], rubric: Rubric, golden: Callable[[str, str], None]) -> None:
    golden("feedback_nasty.html", feedback_page(results[-1], rubric))


def test_whatever_a_student_chose_is_shown_and_does_nothing(mixed: Result, rubric: Rubric) -> None:
    nasty = "<img src=x onerror=alert(1)>\"'`<b>`\x1b[2J\u202e\udc80"
    harmless = r"\x1b[2J\u202e\udc80"
    questions = tuple(
        replace(
            q,
            title=nasty,
            error=nasty,
            advisories=(nasty,),
            checks=tuple(replace(c, name=nasty, message=f"{nasty}\n{nasty}") for c in q.checks),
            diagnosis=tuple(replace(d, hint=nasty) for d in q.diagnosis),
        )
        for q in mixed.questions
    )
    page = feedback_page(replace(mixed, student=nasty, message=f"All: {nasty}", questions=questions), rubric)
    assert "<img" not in page
    assert "<b>" not in page
    assert not set(page) & set("\x1b\u202e\udc80")
    assert page.count(harmless) > 20
    assert re.search(r"<h1><bdi>&lt;img src=x onerror=alert\(1\)&gt;", page)
    page.encode("utf-8")


def test_a_name_stays_on_one_line(mixed: Result, rubric: Rubric) -> None:
    assert r"<bdi>a\nb</bdi>" in feedback_page(replace(mixed, student="a\nb"), rubric)


def test_no_script_no_network(mixed: Result, rubric: Rubric) -> None:
    page = feedback_page(mixed, rubric)
    assert not re.search(r"<script|\bon\w+=|\bsrc=|url\(|@import|<link|https?:", page)
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', page))


def test_the_hint_comes_before_the_checks_and_says_how_sure_it_is(mixed: Result, rubric: Rubric) -> None:
    section = feedback_page(mixed, rubric).split('id="q1.2"')[1].split("</section>")[0]
    sure, unsure = section.index("its own denominator"), section.index("Only the first view")
    assert sure < unsure < section.index("contrastive loss without predictor")
    assert section.count(">possibly<") == 1
    assert sure < section.index(">possibly<") < unsure


def test_points_for_a_named_mistake_have_a_reason(mixed: Result, rubric: Rubric) -> None:
    wrong = next(one for one in mixed.questions if one.id == "1.2")
    questions = tuple(replace(one, score=14, credited="x") if one is wrong else one for one in mixed.questions)
    reason = "Named mistake: 14 of 20 points, which is more than the checks give."
    assert reason in feedback_page(replace(mixed, questions=questions), rubric)
    assert "Named mistake" not in feedback_page(mixed, rubric)


def test_the_students_own_lines_stand_beside_the_verdict(mixed: Result, rubric: Rubric) -> None:
    page = feedback_page(mixed, rubric)
    loss = page.split('id="q1.2"')[1].split("</section>")[0]
    assert "Your <code>criterion.py</code>, lines 41 to 60<" in loss
    assert "<li data-gap>" in loss
    knn = page.split('id="q2"')[1].split("</section>")[0]
    assert knn.count('<li class="marked">') == 1
    assert 'it stopped here, </span></span><span class="hidden">line </span>22<' in knn
    assert "<code>    &lt;b&gt;</code>" in knn


def test_each_outcome_has_its_word(mixed: Result, rubric: Rubric) -> None:
    page = feedback_page(mixed, rubric)
    for words in ("passed", "failed", "could not run", "costs no points", "marked by a person", "public", "hidden"):
        assert words in page
    assert "KNN was still running after 60 s" in page
    assert "<pre>the loss of B = 4, D = 3" in page


def test_a_question_that_was_not_graded_is_named(mixed: Result, rubric: Rubric) -> None:
    page = feedback_page(replace(mixed, questions=mixed.questions[:1]), rubric)
    assert "Not graded: 1.2, 1.3, 1.4, 2, 3.</p>" in page
    assert "Key queue" not in page


def test_what_lost_most_comes_first_and_what_passed_is_folded(mixed: Result, rubric: Rubric) -> None:
    page = feedback_page(mixed, rubric)
    assert re.findall(r'<h2 id="([^"]*)"', page) == ["q1.2-title", "q2-title", "qB1-title", "others"]
    folded = re.compile(r"<details.*?</details>", re.DOTALL)
    assert "</span> passed</span>" not in folded.sub("", page)
    assert not re.search("failed|could not run|not judged", "".join(folded.findall(page)))
    assert "<summary>Question 1.3: 2 checks passed</summary>" in page
    assert "<summary>Question B1: 1 check passed</summary>" in page


def test_a_name_stands_on_top_and_the_id_beside_it(mixed: Result, rubric: Rubric) -> None:
    page = feedback_page(replace(mixed, about=About(name="Ada <Lovelace>")), rubric)
    assert "<title>Feedback for Ada &lt;Lovelace&gt; · Homework</title>" in page
    name = page.index("<h1><bdi>Ada &lt;Lovelace&gt;</bdi></h1>")
    assert name < page.index("<bdi>ada_lovelace</bdi>") < page.index("</header>")


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        (About(), ""),
        (About(late=False, lateness="0:00:00"), ""),
        (About(late=True), "Handed in late."),
        (About(late=True, lateness="2 days 3 hours late"), "Handed in 2 days 3 hours late."),
        (About(late=True, lateness="2 Tage 3 Stunden verspätet"), "Handed in late (2 Tage 3 Stunden verspätet)."),
    ],
)
def test_who_was_late_reads_it_in_one_sentence(about: About, sentence: str, mixed: Result, rubric: Rubric) -> None:
    assert lateness(about) == sentence
    assert ("Handed in" in feedback_page(replace(mixed, about=about), rubric)) == bool(sentence)


def test_a_report_that_has_points_stands_among_the_questions(mixed: Result, rubric: Rubric) -> None:
    assert "Question 4 (Report, 30 points) is marked by a person." in feedback_page(mixed, rubric)
    page = feedback_page(
        whole(mixed, rubric, Points({mixed.student: {"4": Given(20, "Plot the losses.\nUse `seed`.")}})), rubric
    )
    assert re.findall(r'<h2 id="([^"]*)"', page) == ["q1.2-title", "q2-title", "q4-title", "qB1-title", "others"]
    assert '<p class="told">Plot the losses.\nUse <code>seed</code>.</p>' in page
    assert "<strong>67.5</strong> of 100 points" in page
    assert "is marked by a person" not in page


def test_a_bonus_question_that_nobody_attempted_is_no_loss(mixed: Result, rubric: Rubric) -> None:
    bonus = next(question for question in mixed.questions if question.id == "B1")
    stub = replace(bonus.checks[0], outcome=Outcome.NOT_ATTEMPTED, points=0.0)
    others = [question for question in mixed.questions if question is not bonus]
    page = feedback_page(replace(mixed, questions=(*others, replace(bonus, score=0.0, checks=(stub,)))), rubric)
    assert "<li>Bonus questions that you did not attempt: B1 Key queue.</li>" in page
    assert "qB1" not in page


def test_nothing_is_told_twice_of_who_handed_in_nothing(results: list[Result], rubric: Rubric) -> None:
    why = "Nothing was handed in."
    stopped = tuple(replace(question, error=why) for question in results[0].questions)
    page = feedback_page(replace(results[0], status=Status.MISSING, questions=stopped, message=why), rubric)
    assert page.count("Nothing was handed in") == 1
    assert "<nav" not in page


def test_an_untouched_stub_is_not_shown(results: list[Result], rubric: Rubric) -> None:
    untouched = next(result for result in results if result.student == "untouched")
    stub = Excerpt("1.2", "criterion.py", ((41, "def contrastive_loss(self):"), (42, "    raise NotImplementedError")))
    assert "raise NotImplementedError" not in feedback_page(replace(untouched, excerpts=(stub,)), rubric)
    loss = replace(untouched.questions[1], error="An answer stands below (criterion.py, line 42).")
    questions = (untouched.questions[0], loss, *untouched.questions[2:])
    page = feedback_page(replace(untouched, questions=questions, excerpts=(stub,)), rubric)
    assert "raise NotImplementedError" in page


def test_without_a_grade_there_is_no_number(results: list[Result], rubric: Rubric) -> None:
    error = next(result for result in results if result.status is Status.ERROR)
    page = feedback_page(error, rubric)
    assert "not your fault" in page
    assert 'class="total"' not in page


def test_a_flood_is_cut_short(mixed: Result, rubric: Rubric) -> None:
    page = feedback_page(replace(mixed, message="x\n" * 1_000_000), rubric)
    assert len(page) < 60_000
    assert "more characters" in page


@pytest.mark.parametrize(
    ("outcome", "points", "word"),
    [
        (Outcome.PASSED, 2, "full"),
        (Outcome.FAILED, 1, "part"),
        (Outcome.FAILED, 0, "none"),
        (Outcome.NOT_JUDGED, 0, "none"),
        (Outcome.COULD_NOT_RUN, 0, "could not run"),
        (Outcome.NOT_ATTEMPTED, 0, "not attempted"),
    ],
)
def test_verdict(outcome: Outcome, points: float, word: str) -> None:
    asked = Question("1.2", "Contrastive loss", "criterion.py", 2)
    check = CheckResult("values", outcome, points, 2, True, "")
    assert verdict(QuestionResult(asked.id, asked.title, points, 2, (check,))) == word


def test_what_stopped_everything_is_told_once(mixed: Result, rubric: Rubric) -> None:
    why = "None of the five files is in it; it is empty."
    questions = tuple(replace(question, error=why) for question in mixed.questions)
    page = feedback_page(replace(mixed, message=f"{why} Hand in the files.", questions=questions), rubric)
    assert page.count(why) == 1
    assert 'href="#q' not in page
