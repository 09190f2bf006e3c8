"""Tests the pages: formulas, figures, no script, no network, and the same bytes each time."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

import pytest

from autograder.core.errors import AutograderError
from autograder.handout.pages import typeset
from autograder.handout.pages.drawing import PRINT, SCREEN, draw
from autograder.handout.pages.method_figures import FIGURES
from autograder.handout.pages.typeset import pdf_page, web_page

TEXT = (
    r"# Title {#top}"
    + "\n\n"
    + r"The loss $\frac{1}{2B}$. <script>alert(1)</script>"
    + "\n\n![A method](figures/{}.svg)\n"
)
SCREEN_FIGURES = {name: draw(figure, SCREEN) for name, figure in FIGURES.items()}
PRINT_FIGURES = {name: draw(figure, PRINT) for name, figure in FIGURES.items()}


def web(text: str) -> str:
    return web_page(text, "Title", "2026 <fall>", SCREEN_FIGURES)


def test_a_page_has_mathml_a_drawing_and_no_script() -> None:
    page = web(TEXT.replace("{}", "simclr"))
    assert "<mfrac>" in page and "<svg" in page and 'id="top"' in page
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "2026 &lt;fall&gt;" in page
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    HTMLParser().feed(page)


def test_a_prime_is_raised_once() -> None:
    page = web("$f'$ and $g''(x)$ and $h^2$")
    assert '<mrow><mi>f</mi><mo lspace="0" rspace="0">′</mo></mrow>' in page
    assert page.count("<msup>") == 1


def test_a_pdf_is_the_same_each_time() -> None:
    made = [pdf_page(TEXT.replace("{}", "byol"), 'T "1"', "2026", PRINT_FIGURES) for _ in range(2)]
    assert made[0] == made[1] and made[0].startswith(b"%PDF-")


def test_what_scrolls_takes_focus_and_has_a_name() -> None:
    page = web("| Loss & co | Points |\n|---|---|\n| a | 1 |\n\n    code\n\n$$ x $$\n\n| | |\n|---|---|\n| b | 2 |\n")
    assert '<div class="scroll" tabindex="0" role="group" aria-label="Loss &amp; co, Points"><table>' in page
    assert 'aria-label="Table"><table>' in page and page.count("</table></div>") == 2
    assert '<pre tabindex="0" role="group" aria-label="Code"><code>' in page
    assert '<math tabindex="0" display="block"' in page


def test_a_pdf_is_accessible_or_is_not_made() -> None:
    """The words of a formula are its TeX, without what only sets it apart."""
    made = pdf_page(TEXT.replace("{}", "byol") + "\n$\\left( a,\\, b \\right)$", "T", "2026", PRINT_FIGURES)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made and b"/Lang" in made
    assert b"/Alt(\\\\frac{1}{2B})" in made and b"/Alt(( a, b ))" in made
    assert f"/Alt({FIGURES['byol'].about})".encode() in made
    with pytest.raises(AutograderError, match=r"cannot be made.*heading"):
        pdf_page("# One\n\n### Three\n", "T", "2026", {})
    with pytest.raises(AutograderError, match="missing alt text"):
        pdf_page("![A](figures/a.svg)\n", "T", "2026", {"a": "<svg xmlns='http://www.w3.org/2000/svg'/>"})


def test_a_figure_that_nothing_draws_is_an_error() -> None:
    with pytest.raises(AutograderError, match="figure 'none'"):
        web(TEXT.replace("{}", "none"))
    with pytest.raises(AutograderError, match="cannot be made"):
        pdf_page(TEXT.replace("{}", "none"), "T", "2026", PRINT_FIGURES)


def test_a_formula_that_is_none_is_an_error() -> None:
    with pytest.raises(AutograderError, match="Pandoc cannot read"):
        web(r"$\frac{1}{$")


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_says_what_it_shows_and_stays_inside(name: str) -> None:
    drawn = PRINT_FIGURES[name]
    assert f'aria-label="{escape(FIGURES[name].about)}"' in drawn
    width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn).groups())  # type: ignore[union-attr]
    for x, y, own_width, own_height in re.findall(
        r'<rect x="([\d.-]+)" y="([\d.-]+)" width="([\d.]+)" height="([\d.]+)"', drawn
    ):
        assert float(x) >= 0 and float(x) + float(own_width) <= width
        assert float(y) >= 0 and float(y) + float(own_height) <= height


LATER = """# T

## Question 1 {#question-1}

::: later
**Common *slips*.**

- One.
:::

After.

::: later
**Measured.**

Two.
:::

## Last {#last}

::: later
**Common *slips*.**

- Three.
:::

End.
"""


def test_what_is_for_later_is_folded_on_the_web() -> None:
    page = " ".join(web(LATER).split())
    assert "<details> <summary> Common slips </summary> <ul> <li>One.</li> </ul> </details> <p>After.</p>" in page
    assert page.count("<details>") == 3 and "later" not in page


def test_no_page_of_a_pdf_ends_with_a_line_that_introduces(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[str] = []
    monkeypatch.setattr(typeset, "set_pdf", lambda page, title: pages.append(page.read_text("utf-8")) or b"")
    pdf_page(
        "# T\n\n*File.*\n\nMore.\n\n**Read.**\n\n- One.\n\n| A |\n|---|\n| 1 |\n\n*Some* words.\n\nMay:\n\n- Not.\n",
        "T",
        "2026",
        {},
    )
    body = " ".join(pages[0].split())
    assert "#block(sticky: true, width: 100%)[ May: ] - Not." in body
    assert body.count("#block(sticky: true)[") == 1 and "#block(sticky: true)[ #emph[File.] ]" in body
    assert "#block(breakable: false)[ #strong[Read.] - One. ]" in body
    assert "#block(breakable: false, width: 100%)[ #figure(" in body  # a table of few rows


def test_what_is_for_later_is_at_the_end_of_a_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """By title, below the heading of the section that it was in; a link stays."""
    pages: list[str] = []
    monkeypatch.setattr(typeset, "set_pdf", lambda page, title: pages.append(page.read_text("utf-8")) or b"")
    pdf_page(LATER, "T", "2026", {})
    body = " ".join(pages[0].split())

    def page(label: str) -> str:
        return f" → p.~#context counter(page).at(<{label}>).first()"

    order = (
        *(f"#link(<later-1-question-1>)[Common slips{page('later-1-question-1')}]", "After."),
        *(f"#link(<later-2-question-1>)[Measured{page('later-2-question-1')}]", "End."),
        *(
            "== Common slips <later-1>",
            "=== Question 1 <later-1-question-1> - One.",
            "=== Last <later-1-last> - Three.",
        ),
        *("== Measured <later-2>", "=== Question 1 <later-2-question-1> Two."),
    )
    places = [body.index(text) for text in order]
    assert places == sorted(places)
