"""Tests the feedback of a course in another language: what the table has is said in it, hints and titles too."""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.core.course_names import Names
from autograder.core.records import Result, Rubric
from autograder.language import wording
from autograder.report.feedback import feedback_page

KOREAN = Names("자기지도학습", language="ko")


def test_feedback_is_in_the_language_of_the_course(mixed: Result, rubric: Rubric) -> None:
    page = feedback_page(mixed, replace(rubric, names=KOREAN))
    assert '<html lang="ko">' in page and "자기지도학습 · 피드백" in page
    assert "문제 있음" in page and "여기부터 보십시오" in page
    assert re.search(r"\d점 중 <strong>[\d.]+</strong>점", page)
    table = wording("ko").table
    texts = [text.strip() for text in re.findall(r">([^<>]+)<", page.partition("</style>")[2])]
    assert [text for text in texts if table.get(text, text) != text] == []


def test_what_a_student_wrote_stays(mixed: Result, rubric: Rubric) -> None:
    hostile = replace(mixed, message="bonus <b>{x}</b> passed\n\x1b[1m")
    page = feedback_page(hostile, replace(rubric, names=KOREAN))
    assert "bonus &lt;b&gt;{x}&lt;/b&gt; passed\n\\x1b[1m" in page
