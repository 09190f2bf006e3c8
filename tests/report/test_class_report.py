"""The staff's page about the class."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from autograder.core.records import About, Diagnosis, Result, Rubric, Status
from autograder.core.store import file_name
from autograder.report.class_report import class_report


def test_golden(results: list[Result], rubric: Rubric, golden: Callable[[str, str], None]) -> None:
    golden("report.html", class_report(results, rubric))


def test_each_student_links_to_the_file_that_the_store_names(results: list[Result], rubric: Rubric) -> None:
    links = re.findall(r'href="feedback/([^"]*)"', class_report(results, rubric))
    assert {unquote(link) for link in links} == {f"{file_name(result.student)}.html" for result in results}


def test_whatever_a_student_chose_is_shown_and_does_nothing(results: list[Result], rubric: Rubric) -> None:
    nasty = "</title><script>alert(1)</script>\x1b\u202e\udc80"
    nasties = [
        replace(
            result,
            student=f"{nasty}{i}",
            status=Status.PROBLEM,
            message=nasty,
            questions=tuple(
                replace(
                    q,
                    title=nasty,
                    error=nasty,
                    diagnosis=(
                        *(replace(d, hint=nasty, mistake=nasty) for d in q.diagnosis),
                        Diagnosis(nasty, nasty, change=f"@@ -1 +1 @@\n-{nasty}\n+{nasty}"),
                    ),
                )
                for q in result.questions
            ),
        )
        for i, result in enumerate(results)
    ]
    page = class_report(nasties, rubric)
    assert page.count("<script") == 1  # ours; the policy of the page lets no other one run
    assert not set(page) & set("\x1b\u202e\udc80")
    page.encode("utf-8")


def test_repairs_are_grouped_wherever_in_a_file_they_are(results: list[Result], rubric: Rubric) -> None:
    def repaired(student: str, place: int, blanks: str) -> Result:
        change = f"@@ -{place} +{place} @@\n-{blanks}a = x + <y>\n+{blanks}a = x - <y>"
        found = Diagnosis("*one edit*", f"Line {place} of criterion.py: look at the operator.", change=change)
        question = replace(results[0].questions[0], diagnosis=(found,))
        return replace(results[0], student=student, questions=(question,))

    page = class_report([repaired("ann", 3, ""), repaired("bob", 90, "    ")], rubric)
    (section,) = re.findall(r'<section aria-labelledby="repairs">.*?</section>', page, re.DOTALL)
    assert section.count("<li>\n<p class") == 1 and "2 students" in section
    assert "+a = x - &lt;y&gt;" in section
    assert "look at the operator" not in page
    assert "Repairs that were found" not in class_report([repaired("ann", 3, "")][:0], rubric)


def test_what_was_passed_over_is_listed_where_all_is_well(results: list[Result], rubric: Rubric) -> None:
    sentence = "data is a link, and links are not followed."
    fine = next(result for result in results if result.status is Status.OK)
    assert "Passed over" not in class_report([replace(fine, message=None)], rubric)
    page = class_report([replace(fine, message=f"{sentence}\n{'more' * 2}\n" + "x\n" * 99)], rubric)
    assert f"<p>{sentence}</p><p>moremore</p>" in page and page.count("<p>x</p>") == 3
    assert "Passed over" not in class_report([replace(fine, status=Status.PROBLEM, message=sentence)], rubric)


def test_one_script_no_network(results: list[Result], rubric: Rubric) -> None:
    page = class_report(results, rubric)
    assert page.count("script-src 'sha256-") == page.count("<script>") == 1
    assert not re.search(r"\bon\w+=|\bsrc=|url\(|@import|<link|https?:", page)


def test_the_histogram_is_told_in_words_and_numbers(results: list[Result], rubric: Rubric) -> None:
    page = class_report(results, rubric)
    assert "<title id=" in page
    assert "<desc id=" in page
    assert "<summary>65 to 70 points: 2 students</summary>" in page
    assert "<summary>55 to below 60 points: 1 student</summary>" in page


def test_figures_lead_to_their_students_by_name(results: list[Result], rubric: Rubric) -> None:
    named = [replace(one, about=About(name="Ada L.")) if one.student == "ada_lovelace" else one for one in results]
    page = class_report(named, rubric)
    ada = '<a href="feedback/ada_lovelace.html"><bdi>Ada L.</bdi></a>'
    ada += ' <span class="muted"><bdi>ada_lovelace</bdi></span>'
    assert page.count(ada) == 9  # of a bar, three questions, two mistakes, a repair, a problem, the class
    question = page.split("1.2 Contrastive loss: 3 students without all points")[1]
    assert f"<li>{ada}: 5</li>" in question.split("</ul>")[0]
    assert ada in page.split("(keeps_self)")[1].split("</ul>")[0]
    bars = re.findall(r'<a href="#(scores-\d+)"', page)
    assert len(bars) == page.count('id="scores-') == 5


def test_only_who_was_late_is_called_so(results: list[Result], rubric: Rubric) -> None:
    abouts = [About(late=False, lateness="0:00:00"), About(late=True), About(late=True, lateness="2 hours late")]
    late = [replace(one, about=about) for one, about in zip(results, abouts, strict=False)]
    tags = re.findall(r'<span class="tag">([^<]*)</span></th>', class_report(late, rubric))
    assert sorted(tags) == ["2 hours late", "late"]


def test_who_handed_in_nothing_is_listed(results: list[Result], rubric: Rubric) -> None:
    missing = Result("zoe", Status.MISSING, 70, 0, (), "", "Nothing was handed in.", about=About(name="Zoë"))
    page = class_report([*results, missing], rubric)
    assert '<a href="#missing">1<' in page and "Handed in nothing: 1 student" in page
    assert "Handed in nothing" not in class_report(results, rubric)


def test_nobody_and_nobody_with_a_grade(results: list[Result], rubric: Rubric) -> None:
    assert "0 submissions" in class_report([], rubric)
    errors = [result for result in results if result.status is Status.ERROR]
    assert "Nobody has a score yet." in class_report(errors, rubric)


def test_a_large_class_stays_a_plain_table(mixed: Result, rubric: Rubric) -> None:
    page = class_report([replace(mixed, student=f"s{i:04}") for i in range(2000)], rubric)
    assert len(page) < 2_200_000
    assert "<details>\n<summary>2000 students" in page
