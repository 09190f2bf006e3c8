"""The networks that `Model` is built from: backbone, projector and predictor. Given; nothing to fill in.

The backbone is a ResNet of torchvision with the stem that all the papers use on 32x32 images; the heads are those of
SimSiam (Chen & He, 2021, https://arxiv.org/abs/2011.10566, section 3 "Baseline settings").
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn

ARCHITECTURES = ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")


class Backbone(nn.Module):
    """A ResNet without its classifier: images `[B, 3, H, W]` to features `[B, width]`.

    The ImageNet stem shrinks an image four times before the first block, which leaves little of 32x32 pixels.
    Here the stem is a 3x3 convolution of stride 1 without max-pool, as in SimCLR (Chen et al., 2020, appendix B.9).
    `net` is the torchvision network with `fc` taken out, so its keys are torchvision's own.

    Raises `ValueError` for an `arch` that is not in `ARCHITECTURES`.
    """

    def __init__(self, arch: str) -> None:
        super().__init__()
        if arch not in ARCHITECTURES:
            raise ValueError(f"arch is {arch!r}; it must be one of {', '.join(ARCHITECTURES)}")
        # Imported here because it takes 2 s, which `python model_factory.py` and its like need not wait for.
        from torchvision import models

        self.net = getattr(models, arch)(weights=None)
        self.net.conv1 = nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)
        nn.init.kaiming_normal_(self.net.conv1.weight, mode="fan_out", nonlinearity="relu")
        self.net.maxpool = nn.Identity()
        self.width: int = self.net.fc.in_features
        self.net.fc = nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        features: Tensor = self.net(images)  # [B, width]
        return features


def build_encoder(arch: str, feat_dim: int, num_proj_layers: int) -> nn.Sequential:
    """Backbone, then projector, under these names: images `[B, 3, H, W]` to embeddings `[B, feat_dim]`."""
    backbone = Backbone(arch)
    projector = build_projector(backbone.width, feat_dim, num_proj_layers)
    return nn.Sequential(OrderedDict(backbone=backbone, projector=projector))


def build_projector(in_dim: int, feat_dim: int, num_layers: int) -> nn.Sequential:
    """Linear-BN-ReLU (once or twice), then Linear-BN: `[B, in_dim]` to `[B, feat_dim]`.

    The last batch norm has no affine part. The linear layers have no bias: the batch norm after each would remove it.

    Raises `ValueError` unless `num_layers` is 2 or 3.
    """
    if num_layers not in (2, 3):
        raise ValueError(f"num_proj_layers is {num_layers}; it must be 2 or 3")
    layers: list[nn.Module] = []
    for _ in range(num_layers - 1):
        layers += [nn.Linear(in_dim, feat_dim, bias=False), nn.BatchNorm1d(feat_dim), nn.ReLU(inplace=True)]
        in_dim = feat_dim
    layers += [nn.Linear(in_dim, feat_dim, bias=False), nn.BatchNorm1d(feat_dim, affine=False)]
    return nn.Sequential(*layers)


def build_predictor(feat_dim: int) -> nn.Sequential:
    """Linear-BN-ReLU-Linear with a hidden layer of a quarter of the width: `[B, feat_dim]` to `[B, feat_dim]`.

    There is no batch norm on the output: with one, SimSiam's training is unstable (its table 3, row d).
    """
    hidden = max(1, feat_dim // 4)
    return nn.Sequential(
        nn.Linear(feat_dim, hidden, bias=False),
        nn.BatchNorm1d(hidden),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, feat_dim),
    )
