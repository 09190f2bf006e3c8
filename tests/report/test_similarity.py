"""Copied code comes before code that is naturally alike; code that everybody writes is nobody's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.core.records import About, Excerpt, Result, Status
from autograder.report.similarity import alike_pairs, similarity_page, weight
from autograder.report.tokens import tokens

STUB = """def loss(z1, z2, temperature):
    ### YOUR CODE HERE (~ 7 lines)
    raise NotImplementedError("Question 1.2 is not implemented yet")
    ### END OF YOUR CODE"""
USUAL = """def loss(z1, z2, temperature):
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    logits = z @ z.T / temperature - 1e9 * torch.eye(len(z))
    targets = torch.arange(len(z)).roll(len(z1))
    return F.cross_entropy(logits, targets)"""
OWN = """def loss(z1, z2, temperature):
    rows = [row / row.norm() for row in torch.cat([z1, z2])]
    total = 0
    for i in range(len(rows)):
        pair = (i + len(z1)) % len(rows)
        others = sum(torch.exp(rows[i] @ rows[j] / temperature) for j in range(len(rows)) if j != i)
        total = total - torch.log(torch.exp(rows[i] @ rows[pair] / temperature) / others)
    return total / len(rows)"""
OTHER = """def loss(z1, z2, temperature):
    z = torch.stack([z1, z2]).double()
    z = z / torch.sqrt(torch.einsum("vbd,vbd->vb", z, z)).unsqueeze(-1)
    sim = torch.einsum("vbd,wcd->vbwc", z, z) / temperature
    keep = ~torch.eye(2 * z1.shape[0], dtype=torch.bool)
    positives = torch.cat([torch.diagonal(sim, z1.shape[0]), torch.diagonal(sim, -z1.shape[0])])
    return (torch.logsumexp(sim[keep].view(len(keep), -1), dim=1) - positives).mean()"""
GIVEN = [Excerpt("1.2", "criterion.py", tuple(enumerate(STUB.splitlines(), 1)))]


NOBODY = About()


def result(student: str, code: str, about: About = NOBODY) -> Result:
    excerpt = Excerpt("1.2", "criterion.py", tuple(enumerate(code.splitlines(), 1)))
    return Result(student, Status.OK, 70, 1.0, (), f"of {code}", excerpts=(excerpt,), about=about)


RENAMED = OWN.replace("total", "acc").replace("rows", "zs").replace("others", "rest") + "  # <b>mine</b>"
CLASS = [
    result("ada", OWN, About("Ada <Lovelace>")), result("other", OTHER), result("eve", RENAMED),
    *(result(f"s{i}", USUAL) for i in range(5)),
    result("empty", STUB), result("empty too", STUB), Result("none", Status.PROBLEM, 70, 0.0, (), "f"),
]  # fmt: skip


def test_a_copy_with_other_names_is_listed_and_nothing_else() -> None:
    (pair,) = alike_pairs(CLASS, GIVEN)
    assert pair.students == ("ada", "eve")
    assert (pair.share, pair.lines) == (1, 7)
    ((question, *sides),) = pair.questions
    assert question == "1.2"
    for side, code in zip(sides, (OWN, RENAMED), strict=True):
        assert side.place == "criterion.py, lines 1 to 8"
        assert "".join(text for text, _ in side.code) == code
        marked = "".join("".join(text.split()) for text, shared in side.code if shared)
        assert len(marked) >= pair.characters > 0.8 * len("".join(OWN.partition("\n")[2].split()))


def test_the_skeleton_counts_nothing_and_code_the_less_the_more_have_it() -> None:
    assert [weight(n, 30) for n in (1, 2, 5, 17, 30)] == [1, 1, 0.8, 0, 0]
    assert [weight(n, 4) for n in (2, 4)] == [1, 1 - 4 / 12]
    same = [[result(f"o{i:02}", OTHER) for i in range(n)] for n in (2, 3, 4, 8)]
    found = [alike_pairs(class_, GIVEN) for class_ in same]
    assert [len(pairs) for pairs in found] == [1, 3, 6, 0]
    assert found[0][0].characters > found[1][0].characters > found[2][0].characters
    assert alike_pairs([result(f"s{i}", STUB) for i in range(4)], GIVEN) == []


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("torch.cat([a, b], dim=0)  # so", "v . cat ( [ v , v ] , v = 0 )"),
        ("sum(x for x in range(3))", "sum ( v for v in range ( 3 ) )"),
        ("return f'{a}' + \"b\"\n", "return s v s + s"),
        ('"""why"""\nself.t = 1', "v . t = 1"),
        ("x = (\\\n  1)", "v = ( 1 )"),
    ],
)
def test_names_comments_and_layout_say_nothing(written: str, compared: str) -> None:
    assert " ".join(token.text for token in tokens(written)) == compared
    assert all(written[token.start : token.end].strip() for token in tokens(written))


def test_the_same_hand_in_of_one_group_comes_last_and_says_so() -> None:
    group = [result(f"g{i}", OTHER, About(group="Group 3")) for i in range(2)]
    pairs = alike_pairs([*group, *CLASS[:1], *CLASS[2:]], GIVEN)
    assert [(pair.students, pair.group) for pair in pairs] == [(("ada", "eve"), ""), (("g0", "g1"), "Group 3")]
    assert "one group: Group 3" in similarity_page([*group, *CLASS], GIVEN)
    section = [group[0], replace(group[1], about=About(group="Group 4"))]
    assert [pair.group for pair in alike_pairs(section, GIVEN)] == [""]


def test_the_page_shows_both_and_runs_nothing() -> None:
    page = similarity_page(CLASS, GIVEN)
    assert "1 pair<" in page and "not a finding" in page and "Ada &lt;Lovelace&gt;" in page
    assert page.count("<mark>") >= 2 and "&lt;b&gt;mine" in page and "<b>" not in page
    assert "No two submissions" in similarity_page(CLASS[1:2], GIVEN)
