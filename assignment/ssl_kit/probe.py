"""A linear classifier that trains next to a method, to see its features get better epoch by epoch. Given."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Adam

from ssl_kit import measures, ranks
from ssl_kit.networks import Backbone


class OnlineProbe:
    """`fc` on the features that the backbone has of the first view, with labels and an optimiser of its own.

    Features are taken behind a stop-gradient and no random number is drawn: a run with the probe has the encoder of a
    run without it, bit by bit. With several processes each trains the same classifier on the whole batch.

    Args:
        backbone: is being trained; a hook keeps its features until `step`.
        num_classes: of the labels.
        learning_rate: of Adam, constant.
    """

    def __init__(self, backbone: Backbone, num_classes: int, learning_rate: float) -> None:
        device = next(backbone.parameters()).device
        self.fc = nn.utils.skip_init(nn.Linear, backbone.width, num_classes, device=device)
        for parameter in self.fc.parameters():
            nn.init.zeros_(parameter)  # a convex problem may start anywhere
        self.optimizer = Adam(self.fc.parameters(), learning_rate)
        self.seen: Tensor | None = None
        self.right = self.count = 0
        backbone.last.register_forward_hook(self._keep)

    def _keep(self, backbone: nn.Module, _images: Any, maps: Tensor) -> None:
        if backbone.training and self.seen is None:  # the first view; another one may follow
            self.seen = maps.detach().mean(dim=(2, 3))  # [B, width]

    def step(self, labels: Tensor) -> None:
        """Learn from the batch that the backbone saw last, whose labels are `[B]`."""
        assert self.seen is not None, "the backbone saw no batch"
        features, self.seen = self.seen[: len(labels)].float(), None  # rotated copies come after the images
        features, labels = ranks.gather(features), ranks.gather(labels)
        logits = self.fc(features)
        self.optimizer.zero_grad()
        F.cross_entropy(logits, labels).backward()
        self.optimizer.step()
        self.right += (logits.argmax(dim=1) == labels).sum()
        self.count += len(labels)

    def measure(self, backbone: Backbone, batches: Iterable[tuple[Tensor, Tensor]]) -> dict[str, float]:
        """Accuracy in percent: `probe` on test images, and `probe_train` on the views of the epoch that is over."""
        features, labels = measures.extract_features(backbone, batches, self.fc.weight.device, normalise=False)
        with torch.no_grad():
            test = 100.0 * float((self.fc(features).argmax(dim=1) == labels).float().mean())
        train, self.right, self.count = 100.0 * float(self.right) / max(1, self.count), 0, 0
        return {"probe": test, "probe_train": train}

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run needs."""
        return {"fc": self.fc.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from `state_dict`."""
        self.fc.load_state_dict(state["fc"])
        self.optimizer.load_state_dict(state["optimizer"])
