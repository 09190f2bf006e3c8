"""Who copied is listed beside the one copied from; who wrote what everybody writes is not."""

from __future__ import annotations

from autograder.records import Excerpt, Result, Status
from autograder.report.similarity import alike_pairs, similarity_page

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


def result(student: str, code: str) -> Result:
    excerpt = Excerpt("1.2", "criterion.py", tuple(enumerate(code.splitlines(), 1)))
    return Result(student, Status.OK, 70, 1.0, (), "f", excerpts=(excerpt,))


RENAMED = OWN.replace("total", "acc").replace("rows", "zs").replace("others", "rest") + "  # <b>mine</b>"
CLASS = [
    result("ada", OWN), result("other", OTHER), result("eve", RENAMED), *(result(f"s{i}", USUAL) for i in range(5)),
    result("empty", STUB), result("empty too", STUB), Result("none", Status.PROBLEM, 70, 0.0, (), "f"),
]  # fmt: skip


def test_a_copy_with_other_names_is_listed_and_nothing_else() -> None:
    (pair,) = alike_pairs(CLASS, GIVEN)
    assert pair.students == ("ada", "eve")
    assert pair.share > 0.9
    for (student, code), pieces in zip((("ada", OWN), ("eve", RENAMED)), pair.codes, strict=True):
        assert "".join(text for text, _ in pieces) == code, student
        assert sum(len(text) for text, alike in pieces if alike) > 0.7 * len(code)


def test_what_few_write_alike_is_no_idiom() -> None:
    assert len(alike_pairs(CLASS[:-6] + CLASS[-3:], GIVEN)) == 2  # two of the usual ones are a pair


def test_the_page_shows_both_and_runs_nothing() -> None:
    page = similarity_page(CLASS, GIVEN)
    assert "1 pair" in page and "not a finding" in page
    assert page.count("<mark>") >= 2 and "&lt;b&gt;mine" in page and "<b>" not in page
    assert "No two submissions" in similarity_page(CLASS[1:2], GIVEN)
