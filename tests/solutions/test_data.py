"""Data sets, their halves and their views."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import main
from ssl_kit import data, flags
from ssl_kit.engine import UserError
from ssl_kit.pretraining import Run
from ssl_kit.views import RandomView


@pytest.mark.parametrize("name", ["fake", "digits"])
def test_sets_made_on_the_spot_are_the_same_each_time(name: str) -> None:
    train_set, test_set = data.load_halves(name, Path("unused"), 16)
    again = data.load_images(name, Path("unused"), True, 16)
    assert torch.equal(train_set.images, again.images) and torch.equal(train_set.labels, again.labels)
    assert train_set.images.shape == (len(train_set), 3, 16, 16) and train_set.images.dtype == torch.uint8
    assert set(test_set.labels.tolist()) == set(range(10))
    assert len(train_set) > len(test_set)


def write_folder(root: Path, half: str, classes: tuple[str, ...]) -> None:
    for index, name in enumerate(classes):
        (root / half / name).mkdir(parents=True)
        Image.new("RGB", (9, 12), (40 * index,) * 3).save(root / half / name / "a.png")


def test_a_folder_is_read_by_class(tmp_path: Path) -> None:
    for half in ("train", "test"):
        write_folder(tmp_path, half, ("cat", "dog"))
    train_set, _ = data.load_halves(f"folder:{tmp_path}", Path("unused"), 8)
    assert train_set.classes == ("cat", "dog") and train_set.labels.tolist() == [0, 1]
    assert train_set.images[1].unique().tolist() == [40] and train_set.images.shape == (2, 3, 8, 8)


def test_bad_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        data.load_halves(f"folder:{tmp_path}", tmp_path, 8)
    write_folder(tmp_path, "train", ("cat", "dog"))
    write_folder(tmp_path, "test", ("cat",))
    with pytest.raises(UserError, match="class dog is in only one"):
        data.load_halves(f"folder:{tmp_path}", tmp_path, 8)
    (tmp_path / "train" / "cat" / "b.png").write_bytes(b"junk")
    with pytest.raises(UserError, match=r"b\.png"):
        data.load_halves(f"folder:{tmp_path}", tmp_path, 8)


def test_unknown_data_set_is_named() -> None:
    with pytest.raises(UserError, match="imagenet"):
        data.load_images("imagenet", Path("unused"), True, 8)


@pytest.fixture
def stl10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """STL-10 as it is unpacked, with five labelled, four test and seven unlabelled images; no digest is compared."""
    from torchvision.datasets import STL10

    monkeypatch.setattr(STL10, "_check_integrity", lambda self: True)
    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    for split, count, start in (("train", 5, 0), ("test", 4, 50), ("unlabeled", 7, 100)):
        grey = np.arange(start, start + count, dtype=np.uint8)
        np.repeat(grey, 3 * 96 * 96).tofile(folder / f"{split}_X.bin")
        if split != "unlabeled":
            (np.arange(count, dtype=np.uint8) + 1).tofile(folder / f"{split}_y.bin")
    (folder / "class_names.txt").write_text("airplane bird car cat deer dog horse monkey ship truck".replace(" ", "\n"))
    return tmp_path


def grey_of(images: data.ImageSet) -> list[int]:
    return images.images[:, 0, 0, 0].tolist()


def test_stl10_trains_without_labels_on_its_unlabelled_images(stl10: Path) -> None:
    train_set, test_set = data.load_halves("stl10", stl10, 96)
    assert grey_of(train_set) == [*range(5)] and train_set.labels.tolist() == [0, 1, 2, 3, 4]
    assert grey_of(test_set) == [*range(50, 54)] and test_set.classes[7] == "monkey"
    unlabelled = data.pretraining_images("stl10", stl10, train_set, 32)
    assert grey_of(unlabelled) == [*range(100, 107)] and unlabelled.images.shape == (7, 3, 32, 32)
    assert set(unlabelled.labels.tolist()) == {-1}
    assert data.pretraining_images("fake", stl10, train_set, 96) is train_set


@pytest.mark.parametrize(("method", "count"), [("simclr", 7), ("supervised", 5)])
def test_a_run_takes_the_images_that_its_method_can_learn_from(stl10: Path, method: str, count: int) -> None:
    words = ["--method", method, "--dataset", "stl10", "--data_root", str(stl10), "--exp_dir", str(stl10 / "exp")]
    args = flags.parse_args([*words, "--img_dim", "16", "--batch_size", "2", "--device", "cpu"])
    assert len(Run(args, main.update_momentum_encoder).batches.image_set) == count


def batches(count: int, *, drop_last: bool = True, **more: object) -> data.Batches:
    return data.Batches(
        data.load_images("fake", Path("unused"), True, 16), [RandomView(16)] * 2, count, drop_last, **more
    )


def test_a_pass_has_every_image_once_and_depends_on_seed_and_epoch_alone() -> None:
    loader = batches(20, drop_last=False)
    first, again, other = (list(loader.epoch(3, epoch)) for epoch in (1, 1, 2))
    assert [len(batch.labels) for batch in first] == [20, 20, 20, 4] and len(loader) == 4
    assert sorted(torch.cat([batch.labels for batch in first]).tolist()) == sorted((torch.arange(64) % 10).tolist())
    assert all(torch.equal(a.views[1], b.views[1]) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0].views[0], other[0].views[0])
    assert not torch.equal(first[0].views[0], first[0].views[1])
    assert not torch.equal(next(loader.epoch(4, 1)).views[0], first[0].views[0])


def test_every_batch_asks_chance_anew() -> None:
    same = data.ImageSet(
        torch.rand(1, 3, 16, 16).mul(255).to(torch.uint8).expand(8, -1, -1, -1), torch.zeros(8), ("a",)
    )
    first, second = (batch.views[0] for batch in data.Batches(same, [RandomView(16)], 4).epoch(0, 1))
    assert not torch.equal(first, second)


def test_training_has_only_whole_batches() -> None:
    assert [len(batch.labels) for batch in batches(30).epoch(0, 1)] == [30, 30]
    with pytest.raises(UserError, match="65 is larger than the data set of 64"):
        batches(65)
    with pytest.raises(UserError, match="evenly among 3"):
        batches(32, part=(0, 3))


def test_threads_make_the_same_views_in_the_same_order() -> None:
    alone, helped = (list(batches(8, num_workers=number, grid_size=2).epoch(0, 1)) for number in (0, 3))
    assert len(alone) == len(helped) == 8
    for a, b in zip(alone, helped, strict=True):
        assert torch.equal(a.views[0], b.views[0]) and torch.equal(a.labels, b.labels)
        assert torch.equal(a.grids[1], b.grids[1]) and a.grids[1].shape == (8, 2, 2, 2)


def test_the_parts_of_two_processes_are_the_whole_batch() -> None:
    whole = next(batches(8).epoch(0, 1))
    parts = [next(batches(8, part=(rank, 2)).epoch(0, 1)) for rank in (0, 1)]
    assert torch.equal(torch.cat([part.views[1] for part in parts]), whole.views[1])
    assert torch.equal(torch.cat([part.labels for part in parts]), whole.labels)


def test_evaluation_has_every_image_in_order() -> None:
    image_set = data.load_images("fake", Path("unused"), False, 8)
    labels = [labels for _, labels in data.plain_batches(image_set, 8, 8)]
    assert torch.equal(torch.cat(labels), image_set.labels) and len(labels[-1]) == 6


def cifar_like() -> data.ImageSet:
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    return data.ImageSet(torch.zeros(40, 3, 8, 8, dtype=torch.uint8), torch.arange(40) % 10, names)


def test_classes_are_merged_as_the_homework_has_it() -> None:
    five, two = (data.merge_classes(cifar_like(), number) for number in (5, 2))
    assert five.labels[:10].tolist() == [0, 1, 2, 3, 4, 3, 4, 2, 0, 1]
    assert two.labels[:10].tolist() == [0, 0, 1, 1, 1, 1, 1, 0, 0, 0]
    assert five.labels.bincount().tolist() == [8] * 5 and two.labels.bincount().tolist() == [20, 20]
    assert data.merge_classes(cifar_like(), 10).classes[9] == "truck"
    with pytest.raises(UserError, match="cannot be merged to 3"):
        data.merge_classes(cifar_like(), 3)


def test_few_labels_are_the_same_share_of_every_class() -> None:
    few = data.few_labels(cifar_like(), 0.5, 0)
    assert few.labels.bincount().tolist() == [2] * 10
    assert data.few_labels(cifar_like(), 0.01, 0).labels.bincount().tolist() == [1] * 10
    images = cifar_like()
    images.images[:, 0, 0, 0] = torch.arange(40)
    drawn = [data.few_labels(images, 0.5, seed).images[:, 0, 0, 0].tolist() for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_download_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from torchvision import datasets

    def offline(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(datasets, "CIFAR100", offline)
    with pytest.raises(UserError, match=r"CIFAR-100 could not be had from .*: no network"):
        data.load_images("cifar100", tmp_path, True, 32)
