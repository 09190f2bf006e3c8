"""Sixty wrong answers, written without a look at the known mistakes, in the forms that public code has.

Each has a question, its published id; the lines of the stub; what the hint has to be about, as a regular expression;
and in words what is wrong. `bench_naming.py` says how many are named. After its first run the expressions of five were
widened, whose hints had been read and found right, and one answer was exchanged, which was right: buffers are not
graded.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wrong:
    """A wrong answer, and the mistake in it."""

    question: str
    what: str
    about: str
    lines: str


ANSWERS = (
    # 1.1 forward
    Wrong(
        "1.1",
        "the first view is encoded twice",
        "view|im_aug2",
        """
        z1 = self.encoder(im_aug1)
        z2 = self.encoder(im_aug1)
        if self.use_momentum_encoder:
            z2 = self.momentum_encoder(im_aug1)
        p1, p2 = (self.predictor(z1), self.predictor(z2)) if self.use_predictor else (None, None)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
    """,
    ),
    Wrong(
        "1.1",
        "the momentum encoder encodes both views",
        "momentum",
        """
        net = self.momentum_encoder if self.use_momentum_encoder else self.encoder
        z1, z2 = net(im_aug1), net(im_aug2)
        p1 = self.predictor(z1) if self.use_predictor else None
        p2 = self.predictor(z2) if self.use_predictor else None
        return dict(z1=z1, z2=z2, p1=p1, p2=p2)
    """,
    ),
    Wrong(
        "1.1",
        "predictions are crossed",
        "p1|cross|swap|exchange",
        """
        z1 = self.encoder(im_aug1)
        z2 = self.momentum_encoder(im_aug2) if self.use_momentum_encoder else self.encoder(im_aug2)
        p1 = p2 = None
        if self.use_predictor:
            p1 = self.predictor(z2)
            p2 = self.predictor(z1)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
    """,
    ),
    Wrong(
        "1.1",
        "the outputs are normalised already",
        "normali|length|unit",
        """
        z1 = F.normalize(self.encoder(im_aug1), dim=1)
        z2 = F.normalize((self.momentum_encoder if self.use_momentum_encoder else self.encoder)(im_aug2), dim=1)
        p1, p2 = None, None
        if self.use_predictor:
            p1, p2 = self.predictor(z1), self.predictor(z2)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
    """,
    ),
    Wrong(
        "1.1",
        "both views go through in one batch",
        "pass|batch norm|one view",
        """
        z1, z2 = self.encoder(torch.cat([im_aug1, im_aug2])).chunk(2)
        if self.use_momentum_encoder:
            z2 = self.momentum_encoder(im_aug2)
        p1, p2 = (self.predictor(z1), self.predictor(z2)) if self.use_predictor else (None, None)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
    """,
    ),
    Wrong(
        "1.1",
        "z2 is detached without a momentum encoder",
        "detach|gradient|cut",
        """
        z1 = self.encoder(im_aug1)
        with torch.no_grad():
            z2 = self.momentum_encoder(im_aug2) if self.use_momentum_encoder else self.encoder(im_aug2)
        p1, p2 = (self.predictor(z1), self.predictor(z2)) if self.use_predictor else (None, None)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": p2}
    """,
    ),
    Wrong(
        "1.1",
        "p2 is left out with the momentum encoder",
        "p2",
        """
        z1 = self.encoder(im_aug1)
        p1 = self.predictor(z1) if self.use_predictor else None
        if self.use_momentum_encoder:
            return {"z1": z1, "z2": self.momentum_encoder(im_aug2), "p1": p1, "p2": None}
        z2 = self.encoder(im_aug2)
        return {"z1": z1, "z2": z2, "p1": p1, "p2": self.predictor(z2) if self.use_predictor else None}
    """,
    ),
    # 1.2 contrastive loss
    Wrong(
        "1.2",
        "only the first views are anchors (CLIP with one direction)",
        "anchor|direction|half|second|both|2B",
        """
        z1, z2 = F.normalize(z1, dim=-1), F.normalize(z2, dim=-1)
        logits = z1 @ z2.t() / self.temperature
        return F.cross_entropy(logits, torch.arange(len(z1), device=z1.device))
    """,
    ),
    Wrong(
        "1.2",
        "symmetric CLIP loss: views of one side are no negatives",
        "same (side|view)|other (view|half)|own|negatives|within",
        """
        z1, z2 = F.normalize(z1, dim=-1), F.normalize(z2, dim=-1)
        logits = z1 @ z2.t() / self.temperature
        labels = torch.arange(len(z1), device=z1.device)
        return (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2
    """,
    ),
    Wrong(
        "1.2",
        "multiplied by the temperature",
        "temperature",
        """
        z = F.normalize(torch.cat((z1, z2), 0), dim=1)
        sim = (z @ z.T) * self.temperature
        sim.fill_diagonal_(float("-inf"))
        n = z1.size(0)
        labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)]).to(z.device)
        return F.cross_entropy(sim, labels)
    """,
    ),
    Wrong(
        "1.2",
        "not normalised",
        "normali|length|cosine",
        """
        z = torch.cat((z1, z2), 0)
        sim = torch.mm(z, z.T) / self.temperature
        mask = torch.eye(len(z), dtype=torch.bool, device=z.device)
        sim = sim.masked_fill(mask, float("-inf"))
        n = z1.size(0)
        labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)]).to(z.device)
        return F.cross_entropy(sim, labels)
    """,
    ),
    Wrong(
        "1.2",
        "the positive is missing from the denominator (decoupled)",
        "denominator|positive",
        """
        z1, z2 = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
        B = z1.shape[0]
        z = torch.cat([z1, z2])
        sim = torch.exp(z @ z.t() / self.temperature)
        mask = ~torch.eye(B, dtype=torch.bool, device=z.device).repeat(2, 2)
        neg = sim[mask].view(2 * B, -1).sum(dim=-1)
        pos = torch.exp((z1 * z2).sum(dim=-1) / self.temperature)
        pos = torch.cat([pos, pos])
        return (-torch.log(pos / neg)).mean()
    """,
    ),
    Wrong(
        "1.2",
        "summed instead of the mean",
        "sum|mean|average|2B",
        """
        z1, z2 = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
        reps = torch.cat([z1, z2], dim=0)
        sim = F.cosine_similarity(reps.unsqueeze(1), reps.unsqueeze(0), dim=2) / self.temperature
        n = len(z1)
        sim = sim - torch.eye(2 * n, device=sim.device) * 1e9
        target = torch.cat([torch.arange(n) + n, torch.arange(n)]).to(sim.device)
        return F.cross_entropy(sim, target, reduction="sum")
    """,
    ),
    Wrong(
        "1.2",
        "divided by the batch and not by its views",
        "2B|twice|B|divided|mean",
        """
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        n = z1.shape[0]
        e = torch.exp(z @ z.t() / self.temperature)
        denom = e.sum(1) - e.diag()
        pos = torch.cat([e.diag(n), e.diag(-n)])
        return -torch.log(pos / denom).sum() / n
    """,
    ),
    Wrong(
        "1.2",
        "sthalles: labels all zero but the positive is not the first logit",
        "positive|label|target",
        """
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        sim = z @ z.T
        n = len(z)
        off = sim[~torch.eye(n, dtype=torch.bool, device=z.device)].view(n, -1)
        labels = torch.zeros(n, dtype=torch.long, device=z.device)
        return F.cross_entropy(off / self.temperature, labels)
    """,
    ),
    Wrong(
        "1.2",
        "softmax over columns of the batch in dim 0 of a one-sided matrix",
        "direction|anchor|both|half|dim|axis|second",
        """
        a, b = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
        logp = F.log_softmax(a @ b.t() / self.temperature, dim=0)
        return -logp.diagonal().mean()
    """,
    ),
    Wrong(
        "1.2",
        "normalised over the batch",
        "normali|dim|axis|column|feature",
        """
        z1 = F.normalize(z1, dim=0)
        z2 = F.normalize(z2, dim=0)
        z = torch.cat([z1, z2], dim=0)
        s = z @ z.t() / self.temperature
        s = s.masked_fill(torch.eye(len(z), device=z.device).bool(), -1e9)
        t = torch.arange(len(z), device=z.device).roll(len(z1))
        return F.cross_entropy(s, t)
    """,
    ),
    Wrong(
        "1.2",
        "the temperature is applied twice",
        "temperature",
        """
        z = F.normalize(torch.cat([z1, z2]), dim=1) / self.temperature
        s = z @ z.t()
        s = s.masked_fill(torch.eye(len(z), device=z.device).bool(), -1e9)
        t = torch.arange(len(z), device=z.device).roll(len(z1))
        return F.cross_entropy(s, t)
    """,
    ),
    Wrong(
        "1.2",
        "the neighbour row is the positive (interleaved order)",
        "positive|order|row|other view",
        """
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        s = (z @ z.t() / self.temperature).fill_diagonal_(-1e9)
        t = torch.arange(len(z), device=z.device) ^ 1
        return F.cross_entropy(s, t)
    """,
    ),
    Wrong(
        "1.2",
        "the sign is lost",
        "sign|minus|negative",
        """
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        s = (z @ z.t() / self.temperature).fill_diagonal_(-1e9)
        t = torch.arange(len(z), device=z.device).roll(len(z1))
        return torch.log_softmax(s, dim=1).gather(1, t[:, None]).mean()
    """,
    ),
    Wrong(
        "1.2",
        "diagonal set to zero before the softmax, which leaves exp(0)",
        "diagonal|own|itself|mask|denominator",
        """
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        s = z @ z.t() / self.temperature
        s = s * (1 - torch.eye(len(z), device=z.device, dtype=z.dtype))
        t = torch.arange(len(z), device=z.device).roll(len(z1))
        return F.cross_entropy(s, t)
    """,
    ),
    # 1.3 align loss
    Wrong(
        "1.3",
        "positive sign",
        "sign|minus|negative",
        """
        return F.cosine_similarity(z1, z2, dim=-1).mean()
    """,
    ),
    Wrong(
        "1.3",
        "BYOL's 2 - 2 cos",
        "2 - 2|BYOL|scale|constant|mean squared|distance|twice",
        """
        x, y = F.normalize(z1, dim=-1, p=2), F.normalize(z2, dim=-1, p=2)
        return (2 - 2 * (x * y).sum(dim=-1)).mean()
    """,
    ),
    Wrong(
        "1.3",
        "mean over all entries",
        "mean|sum|entries|D",
        """
        z1 = F.normalize(z1, dim=1)
        z2 = F.normalize(z2, dim=1)
        return -(z1 * z2).mean()
    """,
    ),
    Wrong(
        "1.3",
        "second view detached",
        "detach|gradient|stop",
        """
        z2 = z2.detach()
        z1 = F.normalize(z1, dim=1)
        z2 = F.normalize(z2, dim=1)
        return -(z1 * z2).sum(dim=1).mean()
    """,
    ),
    Wrong(
        "1.3",
        "cosine over the batch axis",
        "dim|axis|row|column|feature",
        """
        return -F.cosine_similarity(z1, z2, dim=0).mean()
    """,
    ),
    Wrong(
        "1.3",
        "all pairs instead of matching rows",
        "pair|row|matching|diagonal",
        """
        z1, z2 = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
        return -(z1 @ z2.t()).mean()
    """,
    ),
    Wrong(
        "1.3",
        "one minus the cosine",
        "1 -|one minus|constant|added|distance",
        """
        criterion = nn.CosineSimilarity(dim=1)
        return (1 - criterion(z1, z2)).mean()
    """,
    ),
    Wrong(
        "1.3",
        "halved, as SimSiam does for two terms",
        "half|0.5|factor",
        """
        criterion = nn.CosineSimilarity(dim=1)
        return -criterion(z1, z2).mean() * 0.5
    """,
    ),
    # 1.4 momentum update
    Wrong(
        "1.4",
        "coefficients exchanged",
        "m|coefficient|swap|exchange",
        """
        for q, k in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
            k.data = k.data * (1. - m) + q.data * m
    """,
    ),
    Wrong(
        "1.4",
        "the encoder is moved",
        "encoder",
        """
        for q, k in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
            q.data = q.data * m + k.data * (1. - m)
    """,
    ),
    Wrong(
        "1.4",
        "copied",
        "copy|copies|m",
        """
        model.momentum_encoder.load_state_dict(model.encoder.state_dict())
    """,
    ),
    Wrong(
        "1.4",
        "the name in the loop is bound anew, so that nothing moves",
        "in place|nothing|unchanged|not change|moves|left as",
        """
        for q, k in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
            k = m * k + (1 - m) * q
    """,
    ),
    Wrong(
        "1.4",
        "m is the weight of the interpolation, so the coefficients are exchanged",
        "m|coefficient|swap|exchange",
        """
        with torch.no_grad():
            for q, k in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
                k.lerp_(q, m)
    """,
    ),
    Wrong(
        "1.4",
        "in-place multiplication without the second factor",
        "1 - m|coefficient|factor|second|sum",
        """
        for q, k in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
            k.data.mul_(m).add_(q.data)
    """,
    ),
    Wrong(
        "1.4",
        "the momentum of an optimiser's default instead of m",
        "m|coefficient",
        """
        for q, k in zip(model.encoder.parameters(), model.momentum_encoder.parameters()):
            k.data = k.data * 0.999 + q.data * (1. - 0.999)
    """,
    ),
    # 2 k-NN
    Wrong(
        "2",
        "the smallest similarities vote",
        "smallest|least|far|largest|most similar",
        """
        _, idx = (features @ train_features).topk(K, dim=1, largest=False)
        pred = train_labels[idx].mode(dim=1).values
        return (pred == labels).sum().item()
    """,
    ),
    Wrong(
        "2",
        "accuracy instead of the number",
        "number|count|accuracy|mean|share",
        """
        idx = (features @ train_features).topk(K, dim=1).indices
        pred = train_labels[idx].mode(dim=1).values
        return (pred == labels).float().mean().item()
    """,
    ),
    Wrong(
        "2",
        "only the nearest image votes",
        "K|nearest|one",
        """
        idx = (features @ train_features).argmax(dim=1)
        return (train_labels[idx] == labels).sum().item()
    """,
    ),
    Wrong(
        "2",
        "any of the K may be right",
        "any|most|vote|among",
        """
        idx = (features @ train_features).topk(K, dim=1).indices
        return (train_labels[idx] == labels.unsqueeze(1)).any(dim=1).sum().item()
    """,
    ),
    Wrong(
        "2",
        "the median label",
        "median|vote|most|middle|mode",
        """
        idx = (features @ train_features).topk(K, dim=1).indices
        pred = train_labels[idx].median(dim=1).values
        return (pred == labels).sum().item()
    """,
    ),
    Wrong(
        "2",
        "weighted by exp(similarity / 0.1), as instance discrimination does",
        "weight",
        """
        w, idx = (features @ train_features).topk(K, dim=1)
        w = (w / 0.1).exp()
        num = int(train_labels.max()) + 1
        one_hot = F.one_hot(train_labels[idx], num).to(w.dtype)
        pred = (one_hot * w.unsqueeze(-1)).sum(dim=1).argmax(dim=1)
        return (pred == labels).sum().item()
    """,
    ),
    Wrong(
        "2",
        "the first met of several with equal counts",
        "equal|tie|first|smallest",
        """
        from collections import Counter
        idx = (features @ train_features).topk(K, dim=1).indices
        pred = [Counter(row.tolist()).most_common(1)[0][0] for row in train_labels[idx]]
        return sum(int(p == t) for p, t in zip(pred, labels.tolist()))
    """,
    ),
    Wrong(
        "2",
        "neighbours are looked for among the queries' rows (dim 0)",
        "dim|axis|neighbours|row|column|training",
        """
        idx = (features @ train_features).topk(min(K, len(features)), dim=0).indices
        pred = train_labels[idx % len(train_labels)].mode(dim=0).values[: len(labels)]
        return (pred == labels[: len(pred)]).sum().item()
    """,
    ),
    Wrong(
        "2",
        "K + 1 neighbours, the first left out as if it were the query itself",
        "first|itself|nearest|left out|skip|K",
        """
        idx = (features @ train_features).topk(K + 1, dim=1).indices[:, 1:]
        pred = train_labels[idx].mode(dim=1).values
        return (pred == labels).sum().item()
    """,
    ),
    # 3 linear evaluation
    Wrong(
        "3",
        "train mode stays",
        "eval|mode|batch norm",
        """
        for p in model.parameters():
            p.requires_grad = False
        model.fc.requires_grad_(True)
        nn.init.normal_(model.fc.weight, std=0.01)
        nn.init.zeros_(model.fc.bias)
        return [model.fc.weight, model.fc.bias]
    """,
    ),
    Wrong(
        "3",
        "nothing is frozen",
        "frozen|freeze|requires_grad|backbone",
        """
        model.fc.weight.data.normal_(mean=0.0, std=0.01)
        model.fc.bias.data.zero_()
        model.eval()
        return [model.fc.weight, model.fc.bias]
    """,
    ),
    Wrong(
        "3",
        "all parameters are returned",
        "return|fc.weight|optimi",
        """
        for name, p in model.named_parameters():
            if name not in ("fc.weight", "fc.bias"):
                p.requires_grad = False
        model.fc.weight.data.normal_(mean=0.0, std=0.01)
        model.fc.bias.data.zero_()
        model.eval()
        return list(model.parameters())
    """,
    ),
    Wrong(
        "3",
        "variance 0.01 taken for the deviation",
        "0.01|deviation|variance|std",
        """
        for p in model.parameters():
            p.requires_grad = False
        model.fc.requires_grad_(True)
        nn.init.normal_(model.fc.weight, 0, 0.01 ** 0.5)
        nn.init.zeros_(model.fc.bias)
        model.eval()
        return list(model.fc.parameters())
    """,
    ),
    Wrong(
        "3",
        "the bias keeps its start",
        "bias|zero",
        """
        model.requires_grad_(False)
        model.fc.requires_grad_(True)
        nn.init.normal_(model.fc.weight, std=0.01)
        return [model.eval().fc.weight, model.fc.bias]
    """,
    ),
    Wrong(
        "3",
        "the classifier is frozen, too",
        "fc|classifier|requires_grad|learn",
        """
        for p in model.parameters():
            p.requires_grad = False
        nn.init.normal_(model.fc.weight, std=0.01)
        nn.init.zeros_(model.fc.bias)
        model.eval()
        return [model.fc.weight, model.fc.bias]
    """,
    ),
    # Bonus
    Wrong(
        "B1",
        "the logits are not divided by the temperature",
        "temperature",
        """
        q, k = F.normalize(q, dim=1), F.normalize(k, dim=1)
        l_pos = torch.einsum("nc,nc->n", [q, k.detach()]).unsqueeze(-1)
        l_neg = torch.einsum("nc,ck->nk", [q, queue.clone().detach()])
        logits = torch.cat([l_pos, l_neg], dim=1)
        return F.cross_entropy(logits, torch.zeros(len(q), dtype=torch.long, device=q.device))
    """,
    ),
    Wrong(
        "B1",
        "the positive is not in the denominator",
        "denominator|positive",
        """
        q, k = F.normalize(q, dim=1), F.normalize(k, dim=1)
        pos = (q * k.detach()).sum(1) / self.temperature
        neg = q @ queue / self.temperature
        return (torch.logsumexp(neg, dim=1) - pos).mean()
    """,
    ),
    Wrong(
        "B2",
        "mean of the off-diagonal and of the diagonal",
        "mean|sum|divid",
        """
        n, d = z1.shape
        a = (z1 - z1.mean(0)) / (z1.var(0, unbiased=False) + 1e-5).sqrt()
        b = (z2 - z2.mean(0)) / (z2.var(0, unbiased=False) + 1e-5).sqrt()
        c = a.T @ b / n
        on = (torch.diagonal(c) - 1).pow(2).mean()
        off = (c - torch.diag(torch.diagonal(c))).pow(2).mean()
        return on + self.lambd * off
    """,
    ),
    Wrong(
        "B2",
        "lambda on the diagonal instead",
        "lambda|lambd|diagonal",
        """
        n = len(z1)
        a = (z1 - z1.mean(0)) / (z1.var(0, unbiased=False) + 1e-5).sqrt()
        b = (z2 - z2.mean(0)) / (z2.var(0, unbiased=False) + 1e-5).sqrt()
        c = a.T @ b / n
        diff = (c - torch.eye(c.shape[0], device=c.device, dtype=c.dtype)).pow(2)
        weight = torch.ones_like(diff).fill_diagonal_(self.lambd)
        return (diff * weight).sum()
    """,
    ),
    Wrong(
        "B2",
        "unbiased deviation, as torch.std gives",
        "bias|deviation|variance|std",
        """
        n = z1.shape[0]
        a = (z1 - z1.mean(0)) / z1.std(0)
        b = (z2 - z2.mean(0)) / z2.std(0)
        c = a.T @ b / n
        on = (torch.diagonal(c) - 1).pow(2).sum()
        off = c.pow(2).sum() - torch.diagonal(c).pow(2).sum()
        return on + self.lambd * off
    """,
    ),
    Wrong(
        "B3",
        "the root is left out",
        "root|sqrt|eigenvalues themselves",
        """
        s, U = torch.linalg.eigh(correlation)
        s = s.clamp(min=0)
        if method == "directpred":
            return U @ torch.diag(s / s.max() + eps) @ U.T
        if method == "directcopy":
            return correlation / s.max() + eps * torch.eye(len(s), dtype=s.dtype, device=s.device)
        raise ValueError(method)
    """,
    ),
    Wrong(
        "B3",
        "Frobenius norm in DirectCopy",
        "norm|spectral|Frobenius",
        """
        if method == "directcopy":
            return correlation / correlation.norm() + eps * torch.eye(len(correlation)).to(correlation)
        if method == "directpred":
            s, U = torch.linalg.eigh(correlation)
            s = s.clamp(min=0)
            return U @ torch.diag((s / s.max()).sqrt() + eps) @ U.T
        raise ValueError(method)
    """,
    ),
    Wrong(
        "B5",
        "smallest eigenvalue first, as eigh gives them",
        "order|largest|first|ascend",
        """
        _, V = torch.linalg.eigh(correlation)
        WV = predictor @ V
        return (F.normalize(WV, dim=0) * V).sum(0).abs()
    """,
    ),
    Wrong(
        "B5",
        "the sign stays",
        "abs|sign|negative",
        """
        _, V = torch.linalg.eigh(correlation)
        V = V.flip(1)
        return F.cosine_similarity(predictor @ V, V, dim=0)
    """,
    ),
)
