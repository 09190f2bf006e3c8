"""Measures while a method trains: k-NN, signs of collapse, and what the gradient reaches. Given."""

from __future__ import annotations

import copy
from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

import validation
from ssl_kit import data, measures, training
from ssl_kit.engine import on_cpu
from ssl_kit.logs import read_log, write_rows
from ssl_kit.methods import Method

EVALUATION_BATCH = 500
"""Images at a time if no gradient is needed; results do not depend on it."""


def gradient_reach(method: Method, batch: data.Batch) -> str:
    """Say in a sentence or two what the loss's gradient reaches, found by a backward pass on a few images.

    The flags interact: behind a momentum encoder, which is frozen, a gradient ends whatever the flags say.
    """
    trial = copy.deepcopy(method)  # the pass would move batch-norm statistics
    passes: list[Tensor] = []
    trial.model.encoder.register_forward_hook(lambda _module, _inputs, output: passes.append(output))
    few = [[tensor[:8] for tensor in tensors] for tensors in (batch.views, [method.labels_of(batch)], batch.grids)]
    loss = trial(few[0], few[1][0], few[2])
    predictor = [p for p in getattr(trial.model, "predictor", nn.Identity()).parameters() if p.requires_grad]
    gradients = torch.autograd.grad(loss, [*passes, *predictor], allow_unused=True)
    reached = [f"view {view}" for view, gradient in enumerate(gradients[: len(passes)], 1) if gradient is not None]
    text = f"The gradient reaches the encoder through {' and '.join(reached) or 'no view'}"
    if any(gradient is not None for gradient in gradients[len(passes) :]):
        text += ", and the predictor"
    elif getattr(trial.model, "predictor", None) is not None:
        text += "; the predictor is set, not learned"
    return f"{text}.{_about_targets(method.args)}"


def _about_targets(args: Namespace) -> str:
    """A sentence on the momentum encoder, and on a stop-gradient that has nothing to stop."""
    if not args.use_momentum_encoder:
        if args.loss_type not in ("contrastive", "align"):
            return ""
        return f" The loss's targets {'are constants' if args.stop_gradient else 'get a gradient as well'}."
    text = " The momentum encoder is moved by its average alone"
    homework = args.loss_type in ("contrastive", "align") and not args.symmetric and args.predictor_type == "mlp"
    if not args.stop_gradient and not (homework and args.use_predictor):
        text += ", so that --stop_gradient changes nothing"
    return text + "."


@torch.no_grad()
def evaluate(
    method: Method, halves: Sequence[data.ImageSet], args: Namespace, device: torch.device, epoch: int
) -> dict[str, float]:
    """k-NN accuracy in percent by the backbone's and by the projector's output, and measures of collapse.

    `--weighted_knn` adds the backbone's k-NN with weighted votes; `--spectrum` the predictor's asymmetry, and a row per
    eigenvalue in `spectrum.csv`.
    """
    encoder = method.model.encoder
    known, queries = (
        measures.extract_features(encoder.backbone, plain(half, args), device, normalise=False) for half in halves
    )
    row = {"knn": _vote(queries, known, args.knn_k)}
    if args.weighted_knn is not None:
        row["knn_weighted"] = _weighted_vote(queries, known, args.weighted_knn, args.knn_temperature)
    embeddings = queries[0]
    if not method.needs_grids:  # a projector of maps has no output for an image
        encoder.eval()
        projected = [(encoder.projector(features), labels) for features, labels in (queries, known)]
        encoder.train()
        embeddings = projected[0][0]
        row["knn_projector"] = _vote(*projected, args.knn_k)
    row["std_sqrt_d"] = measures.std_sqrt_d(embeddings)
    row["effective_rank"] = measures.effective_rank(embeddings)
    ### With question B1
    if args.loss_type == "queue":
        row |= queue_measures(method, halves[1], args, device)
    ### End of question B1
    if args.spectrum:
        row |= log_spectrum(method, embeddings, args, epoch)
    return row


### With question B1
@torch.no_grad()
def queue_measures(method: Method, images: data.ImageSet, args: Namespace, device: torch.device) -> dict[str, float]:
    """The loss of test images against a queue of their own keys, and how many find their key, in percent.

    Views are random as in training, but the same ones each time. Networks are in eval mode, and all keys are of the
    momentum encoder as it is now. With `--symmetric` each view is the query once, and both losses are added.
    """
    directions = ((0, 1), (1, 0)) if args.symmetric else ((0, 1),)
    pairs: dict[tuple[int, int], list[Tensor]] = {direction: [] for direction in directions}
    makers = training.view_makers(args, images.mirrored)
    method.eval()
    for batch in data.Batches(images, makers, EVALUATION_BATCH, drop_last=False).epoch(args.seed, 0):
        for direction in directions:
            views = [batch.views[view].to(device) for view in direction]
            outputs = method.run(lambda views=views: method.model(*views))
            pairs[direction].append(torch.stack([outputs["z1"], outputs["z2"]]).float())
    method.train()
    q, k = torch.stack([torch.cat(parts, dim=1) for parts in pairs.values()], dim=1)  # [directions, N, D] each
    size = method.get_buffer("dictionary.queue").shape[1]
    return measures.against_queue(q, k, size, args.batch_size, method.criterion.queue_contrastive_loss)


### End of question B1
def plain(half: data.ImageSet, args: Namespace) -> Any:
    """The images as they are, in batches."""
    return data.plain_batches(half, EVALUATION_BATCH, args.img_dim)


def _vote(queries: tuple[Tensor, Tensor], known: tuple[Tensor, Tensor], k: int) -> float:
    features, train_features = (torch.nn.functional.normalize(rows, dim=1) for rows in (queries[0], known[0]))
    return measures.accuracy_by_vote(features, queries[1], train_features, known[1], k)


def _weighted_vote(queries: tuple[Tensor, Tensor], known: tuple[Tensor, Tensor], k: int, temperature: float) -> float:
    right = measures.weighted_knn(queries[0], known[0].T, queries[1], known[1], k, temperature)
    return 100.0 * right / len(queries[1])


def describe(row: Mapping[str, float], k: int) -> str:
    """The measures of a row, for people."""
    text = f"k-NN accuracy {row['knn']:.2f} % (K = {k}, backbone output)"
    if "knn_weighted" in row:
        text += f", {row['knn_weighted']:.2f} % (weighted)"
    if "knn_projector" in row:
        text += f", {row['knn_projector']:.2f} % (projector output)"
    return f"{text}  std·√D {row['std_sqrt_d']:.3f}  rank {row['effective_rank']:.1f}"


def predictor_matrix(predictor: nn.Module | None) -> Tensor | None:
    """The predictor as one matrix `[D, D]`; of two layers the product, without the batch norm and ReLU between."""
    if isinstance(predictor, nn.Linear):
        return predictor.weight
    if isinstance(predictor, nn.Sequential):
        first, second = (layer for layer in predictor if isinstance(layer, nn.Linear))
        return second.weight @ first.weight
    return None


def log_spectrum(method: Method, embeddings: Tensor, args: Namespace, epoch: int) -> dict[str, float]:
    """Write the eigenvalues of the embeddings' correlation F and of the predictor, and how they align.

    Of the predictor's matrix W they are those of (W + W^T) / 2, largest first. Returns the asymmetry of W and the mean
    alignment over the eigenvalues of F above a thousandth of the largest: smaller ones are noise.
    """
    correlation = embeddings.T @ embeddings / len(embeddings)
    eigenvalues = on_cpu(torch.linalg.eigvalsh, correlation).sort(descending=True).values
    matrix = predictor_matrix(getattr(method.model, "predictor", None))
    alignment, found = None, {}
    if matrix is not None:
        found["asymmetry"] = measures.asymmetry(matrix)
        own = on_cpu(torch.linalg.eigvalsh, (matrix + matrix.T) / 2).sort(descending=True).values
    ### With question B5
    if matrix is not None:
        alignment = on_cpu(validation.eigenspace_alignment, correlation, matrix)
        found["alignment"] = float(alignment[eigenvalues > 1e-3 * eigenvalues[0]].mean())
    ### End of question B5
    path = args.exp_dir / "spectrum.csv"
    rows = [row for row in read_log(path) if int(row["epoch"]) < epoch] if epoch else []
    for index, value in enumerate(eigenvalues.tolist()):
        row = {"epoch": str(epoch), "index": str(index), "eigenvalue": f"{value:.6g}"}
        row |= {} if matrix is None else {"predictor": f"{float(own[index]):.6g}"}
        rows.append(row if alignment is None else {**row, "alignment": f"{float(alignment[index]):.4f}"})
    write_rows(path, rows)
    return found
