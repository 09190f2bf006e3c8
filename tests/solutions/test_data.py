"""Data sets, their halves and their views."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

import data
from engine import UserError


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
    with pytest.raises(UserError, match="can not be read"):
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


def test_two_views_differ_and_a_seed_repeats_them() -> None:
    image_set = data.load_images("fake", Path("unused"), True, 32)
    view = data.pretraining_transform(32, True)
    views = data.Views(image_set, view, view)
    torch.manual_seed(3)
    view1, view2, label = views[5]
    torch.manual_seed(3)
    assert torch.equal(views[5][0], view1) and not torch.equal(view1, view2)
    assert view1.shape == (3, 32, 32) and view1.dtype == torch.float32 and label == image_set.labels[5]


def test_the_test_view_is_the_image_normalised() -> None:
    image_set = data.load_images("fake", Path("unused"), True, 32)
    image = image_set.images[0]
    expected = (image / 255 - torch.tensor(data.MEAN)[:, None, None]) / torch.tensor(data.STD)[:, None, None]
    torch.testing.assert_close(data.evaluation_transform(32)(image), expected)
    assert data.evaluation_transform(32, crop=True)(image).shape == (3, 32, 32)


def test_evaluation_has_every_image_and_training_only_whole_batches() -> None:
    views = data.Views(data.load_images("fake", Path("unused"), False, 8), data.evaluation_transform(8))
    assert sum(len(labels) for _, labels in data.evaluation_loader(views, 8, 0)) == len(views) == 30
    assert [len(labels) for _, labels in data.training_loader(views, 8, 0, drop_last=True)] == [8, 8, 8]
    with pytest.raises(UserError, match="31 is larger than the data set of 30"):
        data.training_loader(views, 31, 0, drop_last=True)
