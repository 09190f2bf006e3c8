"""The reference losses against a plain double loop, in value and in gradient."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from criterion import SSLLoss


def nt_xent_by_loops(z1: Tensor, z2: Tensor, temperature: float) -> Tensor:
    """The formula as it is written, one view after the other."""
    views = [view / view.norm() for view in torch.cat([z1, z2])]
    count = len(views)
    total = torch.zeros((), dtype=z1.dtype)
    for anchor in range(count):
        similarity = [views[anchor] @ view / temperature for view in views]
        others = torch.stack([similarity[other] for other in range(count) if other != anchor])
        total = total + torch.logsumexp(others, dim=0) - similarity[(anchor + count // 2) % count]
    return total / count


def pair(batch: int, dim: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(batch * 1000 + dim)
    z1, z2 = (torch.randn(batch, dim, generator=generator, dtype=dtype) * 3 for _ in range(2))
    return z1.requires_grad_(), z2.requires_grad_()


@pytest.mark.parametrize("temperature", [0.07, 0.5, 1.0])
@pytest.mark.parametrize(("batch", "dim"), [(2, 5), (3, 2), (7, 16)])
def test_contrastive_loss_equals_the_loops_in_value_and_gradient(batch: int, dim: int, temperature: float) -> None:
    z1, z2 = pair(batch, dim)
    got = SSLLoss(temperature=temperature).contrastive_loss(z1, z2)
    expected = nt_xent_by_loops(z1, z2, temperature)
    torch.testing.assert_close(got, expected, rtol=1e-10, atol=1e-12)
    gradients = torch.autograd.grad(got, (z1, z2))
    torch.testing.assert_close(gradients, torch.autograd.grad(expected, (z1, z2)), rtol=1e-8, atol=1e-10)


def test_contrastive_loss_of_a_collapse_is_the_logarithm_of_the_other_views() -> None:
    z = torch.ones(64, 8)
    assert SSLLoss().contrastive_loss(z, z).item() == pytest.approx(math.log(127), abs=1e-5)


def test_contrastive_loss_remembers_no_expanded_similarity() -> None:
    """At 32 views of 512 features the expanded form is 2 MB a tensor; the right one remembers far less in all."""
    z1, z2 = pair(16, 512, torch.float32)
    sizes = []
    with torch.autograd.graph.saved_tensors_hooks(lambda kept: sizes.append(kept.numel()) or kept, lambda kept: kept):
        SSLLoss().contrastive_loss(z1, z2)
    assert max(sizes) <= 32 * 512


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("loss_type", ["contrastive", "align"])
def test_losses_are_scalars_of_the_input_dtype_and_leave_the_inputs(loss_type: str, dtype: torch.dtype) -> None:
    z1, z2 = pair(4, 6, dtype)
    before = z1.detach().clone(), z2.detach().clone()
    loss = SSLLoss(loss_type, stop_gradient=False)(z1, z2)
    assert loss.shape == () and loss.dtype == dtype
    assert torch.equal(z1, before[0]) and torch.equal(z2, before[1])


def test_align_loss_is_minus_the_mean_cosine() -> None:
    z1, z2 = pair(5, 3)
    got = SSLLoss("align").align_loss(z1, z2)
    expected = -sum((a @ b) / (a.norm() * b.norm()) for a, b in zip(z1, z2, strict=True)) / 5
    torch.testing.assert_close(got, expected, rtol=1e-10, atol=1e-12)
    gradients = torch.autograd.grad(got, (z1, z2))
    torch.testing.assert_close(gradients, torch.autograd.grad(expected, (z1, z2)), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("loss_type", ["contrastive", "align"])
def test_stop_gradient_off_reaches_both_arguments_and_on_only_the_first(loss_type: str) -> None:
    for stop_gradient in (True, False):
        z1, z2 = pair(4, 6)
        SSLLoss(loss_type, stop_gradient)(z1, z2).backward()
        assert z1.grad is not None and z1.grad.abs().sum() > 0
        assert (z2.grad is None) == stop_gradient


@pytest.mark.parametrize("stop_gradient", [True, False])
def test_with_predictor_each_prediction_meets_the_other_view(stop_gradient: bool) -> None:
    (z1, z2), (p1, p2) = pair(4, 6), pair(4, 7)
    p1, p2 = p1[:, :6], p2[:, 1:]
    criterion = SSLLoss("align", stop_gradient, use_predictor=True)
    expected = (criterion.align_loss(p1, z2) + criterion.align_loss(p2, z1)) / 2
    torch.testing.assert_close(criterion(z1, z2, p1, p2), expected)
    reached = torch.autograd.grad(criterion(z1, z2, p1, p2), (z1, z2, p1, p2), allow_unused=True)
    assert [gradient is not None for gradient in reached] == [not stop_gradient, not stop_gradient, True, True]


def test_bad_settings_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="must be one of contrastive, align"):
        SSLLoss("triplet")
    with pytest.raises(ValueError, match="greater than 0"):
        SSLLoss(temperature=0.0)
    with pytest.raises(ValueError, match="p1 or p2 is None"):
        SSLLoss(use_predictor=True)(*pair(2, 2))
