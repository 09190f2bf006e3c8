"""Makes the sample class, which the tests grade, and `make grade` if no other folder is named.

Every student starts from the assignment as handed out and fills stubs. `python -m tests.sample_class FOLDER` writes
one entry per student into FOLDER; `tests/goldens/sample_class.csv` says what each must get.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.core.student_files import STUDENT_FILES
from tests.course import FUNCTIONS, ROOT, answers_of, filled, ids

PUBLISHED = {ids()[name] for name in FUNCTIONS if name in ids()}
"""This tree's ids of the questions that were published; what is new is answered as `solutions/` answers it."""

RIGHT = answers_of(bonus=False) | {
    "1.1": """
        z1 = self.encoder(im_aug1)
        z2 = (self.momentum_encoder if self.use_momentum_encoder else self.encoder)(im_aug2)
        if not self.use_predictor:
            return dict(z1=z1, z2=z2, p1=None, p2=None)
        return dict(z1=z1, z2=z2, p1=self.predictor(z1), p2=self.predictor(z2))
    """,
    "1.2": """
        z1, z2 = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
        z = torch.cat([z1, z2], dim=0)
        logits = torch.matmul(z, z.t()) / self.temperature
        logits = logits - 1e9 * torch.eye(len(z), device=z.device, dtype=z.dtype)
        targets = torch.cat([torch.arange(len(z1)) + len(z1), torch.arange(len(z1))]).to(z.device)
        return F.cross_entropy(logits, targets)
    """,
    "1.3": """
        return -(F.normalize(z1, dim=1) * F.normalize(z2, dim=1)).sum(dim=1).mean()
    """,
    "1.4": """
        with torch.no_grad():
            for online, target in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
                target.copy_(m * target + (1 - m) * online)
    """,
    "2": """
        nearest = torch.matmul(features, train_features).topk(K, dim=1)[1]
        votes = torch.nn.functional.one_hot(train_labels[nearest]).sum(dim=1)
        return (votes.max(dim=1)[1] == labels).sum().item()
    """,
    "3": """
        for parameter in model.parameters():
            parameter.requires_grad = False
        for parameter in model.fc.parameters():
            parameter.requires_grad = True
        nn.init.normal_(model.fc.weight, std=0.01)
        nn.init.zeros_(model.fc.bias)
        model.eval()
        return [model.fc.weight, model.fc.bias]
    """,
}

LOOPS = {
    "1.2": """
        z = [row / row.norm() for row in torch.cat([z1, z2])]
        total = 0
        for i in range(len(z)):
            pair = (i + len(z1)) % len(z)
            others = sum(torch.exp(z[i] @ z[j] / self.temperature) for j in range(len(z)) if j != i)
            total = total - torch.log(torch.exp(z[i] @ z[pair] / self.temperature) / others)
        return total / len(z)
    """,
    "1.3": """
        return sum(-(a @ b) / (a.norm() * b.norm()) for a, b in zip(z1, z2)) / len(z1)
    """,
    "1.4": """
        names = dict(model.momentum_encoder.named_parameters())
        for name, parameter in model.encoder.named_parameters():
            names[name].data = names[name].data * m + parameter.data * (1.0 - m)
    """,
    "2": """
        right = 0
        for i in range(features.shape[0]):
            scores = [(float(features[i] @ train_features[:, j]), int(c)) for j, c in enumerate(train_labels)]
            votes = {}
            for _, label in sorted(scores, reverse=True)[:K]:
                votes[label] = votes.get(label, 0) + 1
            best = min(label for label in votes if votes[label] == max(votes.values()))
            right += best == int(labels[i])
        return right
    """,
}

EINSUM = {
    "1.2": """
        z = torch.stack([z1, z2]).double()
        z = z / torch.sqrt(torch.einsum("vbd,vbd->vb", z, z)).unsqueeze(-1)
        sim = torch.einsum("vbd,wcd->vbwc", z, z) / self.temperature
        B = z1.shape[0]
        sim = sim.reshape(2 * B, 2 * B)
        keep = ~torch.eye(2 * B, dtype=torch.bool, device=z1.device)
        positives = torch.cat([torch.diagonal(sim, B), torch.diagonal(sim, -B)])
        return (torch.logsumexp(sim[keep].view(2 * B, -1), dim=1) - positives).mean().to(z1.dtype)
    """,
    "1.3": """
        norms = z1.pow(2).sum(1).sqrt() * z2.pow(2).sum(1).sqrt()
        return torch.einsum("bd,bd->b", z1, z2).div(norms).mul(-1).mean()
    """,
    "1.4": """
        with torch.no_grad():
            torch._foreach_lerp_(list(model.momentum_encoder.parameters()), list(model.encoder.parameters()), 1 - m)
    """,
    "2": """
        order = torch.argsort(features @ train_features, dim=1, descending=True)[:, :K]
        return int((torch.mode(train_labels[order], dim=1).values == labels).sum())
    """,
    "3": """
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(name in ("fc.weight", "fc.bias"))
        model.fc.weight.data = torch.randn_like(model.fc.weight) * 0.01
        model.fc.bias.data.fill_(0)
        return [model.eval().fc.weight, model.fc.bias]
    """,
}

NUMPY_STYLE = {
    "1.1": """
        p1 = p2 = None
        z1, z2 = self.encoder(im_aug1), self.encoder(im_aug2)
        if self.use_momentum_encoder:
            import torch
            with torch.no_grad():
                z2 = self.momentum_encoder(im_aug2)
        if self.use_predictor:
            p1, p2 = self.predictor(z1), self.predictor(z2)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2, "views": 2}
    """,
    "2": """
        import numpy as np
        similarity = (features @ train_features).cpu().numpy()
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :K]
        votes = train_labels.cpu().numpy()[nearest]
        predicted = np.array([np.bincount(row, minlength=100).argmax() for row in votes])
        return np.sum(predicted == labels.cpu().numpy())
    """,
}

BONUS = {name: lines for name, lines in answers_of(bonus=True).items() if ids()[name] not in PUBLISHED} | {
    "B2": """
        norm = [(z - z.mean(0)) / torch.sqrt(z.var(0, unbiased=False) + 1e-5) for z in (z1, z2)]
        c = norm[0].T @ norm[1] / len(z1)
        diag = torch.diag(c)
        return ((diag - 1) ** 2).sum() + self.lambd * ((c**2).sum() - (diag**2).sum())
    """,
    "B3": """
        if method == "directcopy":
            return correlation / torch.linalg.norm(correlation, 2) + eps * torch.eye(len(correlation)).to(correlation)
        if method == "directpred":
            s, U = torch.linalg.eigh(correlation)
            return U @ torch.diag((s.clamp(min=0) / s.max()).sqrt() + eps) @ U.T
        raise ValueError(method)
    """,
    "B5": """
        _, V = torch.linalg.eigh(correlation)
        return F.cosine_similarity(V, predictor @ V, dim=0).abs()
    """,
}
OWN_IN_DENOMINATOR = {
    "1.2": """
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        logits = z @ z.T / self.temperature
        targets = torch.arange(len(z), device=z.device).roll(len(z1))
        return F.cross_entropy(logits, targets)
    """,
}
SWAPPED_COEFFICIENT = {
    "1.4": """
        for online, target in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
            target.data = (1 - m) * target.data + m * online.data
    """,
}
VOTES_BY_LABELS_PRESENT = {
    "2": """
        B = features.shape[0]
        nearest = torch.mm(features, train_features).topk(k=K, dim=-1)[1]
        votes = torch.gather(train_labels.expand(B, -1), dim=-1, index=nearest)
        classes = labels.unique().size(0)
        table = torch.zeros(B * K, classes, device=votes.device).scatter(-1, votes.view(-1, 1), 1.0)
        return (table.view(B, -1, classes).sum(dim=1).argmax(dim=-1) == labels).sum().item()
    """,
}
STILL_TRAINING = {
    "3": RIGHT["3"].replace("        model.eval()\n", ""),
}
ENDLESS = {
    "1.3": """
        while True:
            pass
    """,
}
EXITS_ON_IMPORT = """
import os
import torch
torch.allclose = lambda *args, **kwargs: True
os._exit(0)
"""
WRONG = {
    "bonus-wrong-ascending": "B5",
    "wrong-own-in-denominator": "1.2",
    "wrong-swapped-coefficient": "1.4",
    "wrong-votes-by-labels-present": "2",
    "wrong-still-training": "3",
    "endless-loop": "1.3",
}
"""Students who get one question wrong; a course that does not ask it lacks them."""


def write_sample_class(folder: Path) -> None:
    """Write every student of the sample class into `folder`, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    answers: dict[str, Mapping[str, str]] = {
        "perfect": {},
        "right-by-einsum": EINSUM,
        "right-by-loops": LOOPS,
        "right-in-numpy-style": NUMPY_STYLE,
        "right-zipped": LOOPS | {"2": EINSUM["2"]},
        "bonus-wrong-ascending": BONUS,
        "wrong-own-in-denominator": OWN_IN_DENOMINATOR,
        "wrong-swapped-coefficient": SWAPPED_COEFFICIENT,
        "wrong-votes-by-labels-present": VOTES_BY_LABELS_PRESENT,
        "wrong-still-training": STILL_TRAINING,
        "endless-loop": ENDLESS,
        "exits-on-import": {},
        "file-missing": {},
        "syntax-error": {},
    }
    for student, own in answers.items():
        if student not in WRONG or WRONG[student] in ids():
            hand_in(folder / student, RIGHT | own)
    hand_in(folder / "untouched", {})
    with open(folder / "exits-on-import" / "criterion.py", "a") as file:
        file.write(EXITS_ON_IMPORT)
    with open(folder / "syntax-error" / "validation.py", "a") as file:
        file.write("def unfinished(:\n")
    (folder / "file-missing" / "main_linclis.py").unlink()
    shutil.make_archive(str(folder / "right-zipped"), "zip", folder / "right-zipped")
    shutil.rmtree(folder / "right-zipped")


def hand_in(folder: Path, answers: Mapping[str, str]) -> None:
    """The five files of the assignment with these answers, by published id, instead of the stubs."""
    folder.mkdir(parents=True)
    skeleton = {name: (ROOT / "assignment" / name).read_text("utf-8") for name in STUDENT_FILES}
    for name, text in filled(skeleton, answers).items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write_sample_class(Path(sys.argv[1]))
