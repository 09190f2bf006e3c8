"""The four wirings of the model, and the networks that are trained."""

from __future__ import annotations

from argparse import Namespace

import pytest
import torch
from torch import Tensor, nn

import model_factory
from model_factory import Model
from tests.course import needs


def build(momentum: bool, predictor: bool) -> Model:
    args = Namespace(arch="resnet18", feat_dim=8, num_proj_layers=2)
    return Model(Namespace(**vars(args), use_momentum_encoder=momentum, use_predictor=predictor))


class Call(nn.Module):
    """Multiplies by a weight, and remembers what it was called with."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        return x * self.factor


@pytest.mark.parametrize("momentum", [False, True])
@pytest.mark.parametrize("predictor", [False, True])
def test_forward_wires_the_small_modules_put_in_place(momentum: bool, predictor: bool) -> None:
    model = build(momentum, predictor)
    model.encoder = Call(2.0)
    if momentum:
        model.momentum_encoder = Call(3.0)
    if predictor:
        model.predictor = Call(5.0)
    x1, x2 = torch.ones(4, 2), torch.full((4, 2), 7.0)
    out = model(x1, x2)
    z2 = x2 * (3 if momentum else 2)
    torch.testing.assert_close(out["z1"], x1 * 2)
    torch.testing.assert_close(out["z2"], z2)
    if predictor:
        torch.testing.assert_close(out["p1"], x1 * 10)
        torch.testing.assert_close(out["p2"], z2 * 5)
    else:
        assert out["p1"] is None and out["p2"] is None
    assert len(model.encoder.seen) == (1 if momentum else 2)


def test_momentum_encoder_starts_equal_and_frozen() -> None:
    model = build(True, True)
    pairs = list(zip(model.encoder.parameters(), model.momentum_encoder.parameters(), strict=True))
    assert all(torch.equal(online, momentum) and online is not momentum for online, momentum in pairs)
    assert not any(momentum.requires_grad for _, momentum in pairs)
    assert all(online.requires_grad for online, _ in pairs)
    assert all(parameter.requires_grad for parameter in model.predictor.parameters())


def test_real_networks_give_embeddings_of_the_asked_width() -> None:
    out = build(True, True)(torch.randn(2, 3, 16, 16), torch.randn(2, 3, 16, 16))
    assert {key: tuple(value.shape) for key, value in out.items()} == dict.fromkeys(("z1", "z2", "p1", "p2"), (2, 8))
    assert out["z1"].requires_grad and not out["z2"].requires_grad


@needs("B1")
def test_the_queue_starts_normalised_and_is_saved_but_not_trained() -> None:
    queue = model_factory.KeyQueue(8, 10)
    torch.testing.assert_close(queue.queue.norm(dim=0), torch.ones(10))
    assert queue.queue.shape == (8, 10) and set(queue.state_dict()) == {"queue", "ptr"}
    assert not list(queue.parameters())


@needs("B1")
@pytest.mark.parametrize("sizes", [(4, 4, 4), (3, 3, 3, 3), (10, 1), (7, 9)])
def test_keys_replace_the_oldest_around_the_end(sizes: tuple[int, ...]) -> None:
    queue = model_factory.KeyQueue(2, 10)
    columns, at = list(queue.queue.T.clone()), 0
    for index, count in enumerate(sizes):
        keys = torch.arange(2.0 * count).view(count, 2) + 100 * index
        queue.enqueue(keys)
        for key in keys:
            columns[at % 10] = key
            at += 1
    assert torch.equal(queue.queue, torch.stack(columns).T) and int(queue.ptr) == at % 10


@needs("B1")
def test_more_keys_than_places_are_refused() -> None:
    with pytest.raises(ValueError, match="more keys"):
        model_factory.KeyQueue(2, 10).enqueue(torch.zeros(11, 2))


def correlation_of(eigenvalues: list[float]) -> tuple[torch.Tensor, torch.Tensor]:
    basis, _ = torch.linalg.qr(torch.randn(3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64))
    return basis @ torch.diag(torch.tensor(eigenvalues, dtype=torch.float64)) @ basis.T, basis


@needs("B3")
@pytest.mark.parametrize("scale", [0.3, 1.0, 40.0])
def test_directpred_takes_roots_of_eigenvalues(scale: float) -> None:
    correlation, basis = correlation_of([scale, 0.25 * scale, -1e-9])
    expected = basis @ torch.diag(torch.tensor([1.1, 0.6, 0.1], dtype=torch.float64)) @ basis.T
    torch.testing.assert_close(model_factory.direct_predictor(correlation, "directpred", 0.1), expected)


@needs("B3")
def test_directcopy_divides_by_the_largest_eigenvalue() -> None:
    correlation, _ = correlation_of([4.0, 1.0, 0.5])
    expected = correlation / 4 + 0.3 * torch.eye(3, dtype=torch.float64)
    torch.testing.assert_close(model_factory.direct_predictor(correlation, "directcopy", 0.3), expected)
    with pytest.raises(ValueError, match="directpred or directcopy"):
        model_factory.direct_predictor(correlation, "copy", 0.3)
