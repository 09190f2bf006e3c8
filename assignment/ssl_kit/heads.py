"""The heads that the flags ask for: projectors and predictors of other widths, with batch norm elsewhere. Given."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from torch import nn

from criterion import LOSS_TYPES
from ssl_kit import engine, networks, pretext

PIXEL_LOSSES = ("pixpro", "pixcontrast")
HEADLESS = (*PIXEL_LOSSES, *pretext.TASKS)
"""Losses whose networks have a projector of their own, or none."""
PROJECTORS = "mlp: MoCo v2's, without batch norm; linear: MoCo's first; none: features as they are"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of both heads."""
    count = engine.number(int, 1)
    width = "width of embeddings, and of the heads unless these have their own (default: %(default)s)"
    parser.add_argument("--feat_dim", "--proj_dim", type=count, default=2048, help=width)
    parser.add_argument("--num_proj_layers", type=int, choices=(2, 3), default=2, help="(default: %(default)s)")
    parser.add_argument("--projector", choices=("bn", "mlp", "linear", "none"), default="bn", help=PROJECTORS)
    inside = "width inside the projector (default: --feat_dim, of mlp the backbone's)"
    parser.add_argument("--proj_hidden", type=count, help=inside)
    norms = "where batch norm stands in the {} (default: {}); both: inside, and at the end"
    places = ("both", "hidden", "none")
    parser.add_argument("--proj_norm", choices=places, help=norms.format("projector", "both, of mlp none"))
    parser.add_argument("--pred_hidden", type=count, help="width inside the predictor (default: --feat_dim / 4)")
    parser.add_argument("--pred_norm", choices=places, help=norms.format("predictor", "hidden"))
    parser.add_argument(
        "--propagation_layers", type=int, choices=(0, 1, 2), default=1, help="of PixPro's g (default: %(default)s)"
    )
    starts = "a linear predictor's; a random one shows how it aligns (default: %(default)s)"
    parser.add_argument("--predictor_start", choices=("identity", "random"), default="identity", help=starts)


def refuse(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """End with exit status 2 if flags ask for heads that there are not."""
    inside = args.proj_norm is not None or (args.proj_hidden is not None and args.loss_type not in PIXEL_LOSSES)
    if inside and (args.projector in ("linear", "none") or args.loss_type in HEADLESS):
        parser.error("--proj_hidden and --proj_norm need a projector with a hidden layer: --projector bn or mlp")
    if args.projector != "bn" and args.loss_type in HEADLESS:
        parser.error(f"--loss_type {args.loss_type} has its own projector, or none; leave --projector out")
    if args.projector == "none" and args.feat_dim != (width := networks.Backbone(args.arch).width):
        parser.error(f"--projector none leaves the backbone's features: give --feat_dim {width}")
    own_predictor = args.pred_hidden is not None or args.pred_norm is not None
    if own_predictor and not (args.use_predictor and args.loss_type in LOSS_TYPES):
        parser.error("--pred_hidden and --pred_norm need --use_predictor true and --loss_type align or contrastive")
    if own_predictor and args.predictor_type != "mlp":
        parser.error("--pred_hidden and --pred_norm need --predictor_type mlp: the others have one layer")
    if args.level != "pixel" and args.loss_type != "pixpro":
        parser.error(f"--level {args.level} needs --loss_type pixpro")
    if args.propagation_layers != 1 and args.loss_type != "pixpro":
        parser.error("--propagation_layers needs --loss_type pixpro")
    if args.predictor_start != "identity" and args.predictor_type != "linear":
        parser.error("--predictor_start random needs --predictor_type linear: the others start anyway, or are set")


def build_projector(args: argparse.Namespace, width: int) -> nn.Module | None:
    """The projector that the flags ask for, of features of `width` channels; None for that of `Model` or of the method.

    `linear` is MoCo's first, `mlp` that of MoCo v2: as wide as the backbone, without batch norm (He et al., 2020,
    https://arxiv.org/abs/1911.05722; Chen et al., 2020, https://arxiv.org/abs/2003.04297). `none` leaves the features.
    """
    if args.loss_type in HEADLESS:
        return None
    if args.projector == "none":
        return nn.Identity()
    if args.projector == "linear":
        return networks.build_head([width, args.feat_dim], "none")
    if args.projector == "bn" and args.proj_hidden is None and args.proj_norm is None:
        return None
    hidden = args.proj_hidden or (width if args.projector == "mlp" else args.feat_dim)
    norm = args.proj_norm or ("none" if args.projector == "mlp" else "both")
    layers = 2 if args.projector == "mlp" else args.num_proj_layers
    return networks.build_head([width] + [hidden] * (layers - 1) + [args.feat_dim], norm)


def build_predictor(args: argparse.Namespace) -> nn.Module | None:
    """The predictor of images' embeddings that the flags ask for; None for that of `Model`."""
    if args.predictor_type != "mlp":
        return networks.build_linear_predictor(args.feat_dim, args.predictor_start)
    if args.pred_hidden is None and args.pred_norm is None:
        return None
    hidden = args.pred_hidden or max(1, args.feat_dim // 4)
    return networks.build_head([args.feat_dim, hidden, args.feat_dim], args.pred_norm or "hidden")


def build_pixel_predictor(args: argparse.Namespace) -> nn.Module:
    """PixPro's propagation for pixels, a head like the projector's for images, both side by side for maps of both."""
    width, layers = args.feat_dim, args.propagation_layers
    parts: list[nn.Module] = []
    if args.level != "instance":
        parts.append(networks.Propagation(width, args.gamma, layers))
    if args.level != "pixel":
        parts.append(networks.pixel_head([width, args.proj_hidden or 4 * width, width]))
    return parts[0] if len(parts) == 1 else networks.SideBySide(parts, shared=False)


def of_flags(flags: Mapping[str, Any]) -> nn.Sequential:
    """The projector of a run with these flags, which may be older than those of heads; empty if it is not of images."""
    older = {"projector": "bn", "proj_hidden": None, "proj_norm": None}
    args = argparse.Namespace(**{**older, **flags})
    if args.loss_type in HEADLESS or args.projector == "none":
        return nn.Sequential()
    width = networks.Backbone(args.arch).width
    return build_projector(args, width) or networks.build_projector(width, args.feat_dim, args.num_proj_layers)
