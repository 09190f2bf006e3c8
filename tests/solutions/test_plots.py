"""Every picture is drawn from what runs leave behind, and says what is missing."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import main as pretraining
import main_linclis
from ssl_kit import data, engine, plots

FAKE = ["--dataset", "fake", "--img_dim", "16"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    more = ["--arch=small", "--feat_dim=16", "--epochs=2", "--eval_freq=1", "--spectrum=true", "--device=cpu"]
    pretraining.main(["--method=byol", *FAKE, *more, "--exp_dir", str(folder)])
    own = ["--pretrained", str(folder / "last.pth"), "--exp_dir", str(folder), "--epochs=2", "--augment=none"]
    main_linclis.main([*FAKE, *own, "--device=cpu"])
    return folder


@pytest.mark.parametrize("picture", ["curves", "linear", "spectrum", "tsne", "pca", "neighbours", "views"])
def test_each_picture_is_drawn(picture: str, run: Path, tmp_path: Path) -> None:
    source = {"curves": [str(run)], "linear": [str(run)], "spectrum": [str(run)], "views": []}.get(
        picture, [str(run / "last.pth")]
    )
    output = tmp_path / "x.png"
    assert plots.main([picture, *source, *FAKE, "--output", str(output)]) == 0
    assert output.read_bytes()[:4] == b"\x89PNG" and output.stat().st_size > 8000


@pytest.mark.parametrize(("kind", "number"), [("tsne", 5), ("tsne", 2), ("pca", 5)])
def test_merged_classes_have_the_places_of_their_parts(
    kind: str, number: int, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn, draw = [], plots.draw
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    halves = [replace(half, classes=tuple(names)) for half in data.load_halves("fake", Path("unused"), 16)]
    monkeypatch.setattr(data, "load_halves", lambda *_: halves)
    monkeypatch.setattr(plots, "draw", lambda args: drawn.append(draw(args)) or drawn[-1])
    for more in ([], [f"--num_classes={number}"]):
        plots.main([kind, str(run / "last.pth"), "--img_dim=16", *more, "--output", str(tmp_path / "x.png")])
    ten, merged = (
        {points.get_label(): {*map(tuple, points.get_offsets().data.tolist())} for points in made.axes[0].collections}
        for made in drawn
    )
    assert [*ten] == names and [*merged] == ["+".join(group) for group in data.MERGED[number]]
    for name, places in merged.items():
        assert places == set().union(*(ten[part] for part in name.split("+")))
        assert len(places) == 30 // number


def test_only_classes_of_cifar10_are_merged(run: Path) -> None:
    with pytest.raises(engine.UserError, match="cannot be merged to 5"):
        plots.main(["tsne", str(run / "last.pth"), *FAKE, "--num_classes=5"])


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(engine.UserError, match="matplotlib is not installed") as raised:
        plots.figure(1, 1, 2, 2)
    assert "requirements.txt" in raised.value.hint


def test_neighbours_of_a_training_image_begin_with_itself(run: Path) -> None:
    halves = plots.data.load_halves("fake", Path("unused"), 16)
    made = plots.neighbours(run / "last.pth", (halves[0], halves[0]), 16, count=3, k=2)
    titles = [axis.get_title() for axis in made.axes]
    assert [title.removeprefix("test: ") for title in titles[::3]] == [
        title.split(" 1.00")[0] for title in titles[1::3]
    ]


def test_the_plane_of_the_pca_is_that_of_the_largest_variance() -> None:
    features = torch.randn(40, 5) * torch.tensor([1.0, 9.0, 0.1, 5.0, 0.1])
    made = plots.scatter(features, torch.zeros(40, dtype=torch.long), ("all",), "pca")
    places = torch.tensor(made.axes[0].collections[0].get_offsets().data)
    centred = (features - features.mean(dim=0))[:, [1, 3]].double()
    assert places.var(dim=0).sum() >= 0.99 * centred.var(dim=0).sum()


def test_runs_are_named_by_what_tells_them_apart() -> None:
    assert plots.run_names([Path("exp/simclr"), Path("exp/byol")]) == ["simclr", "byol"]
    assert plots.run_names([Path("exp/MoCo/seed-0"), Path("exp/BYOL/seed-0")]) == ["MoCo/seed-0", "BYOL/seed-0"]
    assert plots.run_names([Path("exp/byol"), Path("exp/byol")]) == ["exp/byol", "exp/byol"]


def test_curves_differ_by_more_than_colour(run: Path) -> None:
    lines = plots.curves([run, run]).axes[0].lines
    assert len({line.get_linestyle() for line in lines}) == 2


def test_each_class_has_its_name_on_its_cluster() -> None:
    labels = torch.tensor([0, 1]).repeat_interleave(20)
    features = torch.randn(40, 3) + 50.0 * labels[:, None]
    axis = plots.scatter(features, labels, ("cat", "dog"), "pca").axes[0]
    for text, points in zip(axis.texts, axis.collections, strict=True):
        places = points.get_offsets().data
        assert (abs(places.mean(axis=0) - text.get_position()) < 3).all()
    assert [text.get_text() for text in axis.texts] == ["cat", "dog"]


def test_a_folder_without_a_log_is_named(tmp_path: Path) -> None:
    with pytest.raises(engine.UserError, match=r"no log\.csv"):
        plots.main(["curves", str(tmp_path)])
    with pytest.raises(engine.UserError, match=r"no linear\.csv"):
        plots.main(["linear", str(tmp_path)])
    with pytest.raises(engine.UserError, match=r"no spectrum\.csv"):
        plots.main(["spectrum", str(tmp_path)])
