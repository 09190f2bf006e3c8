"""The data sets and their views. Given.

Every data set is held in memory as bytes: the largest, CIFAR-10, takes 150 MB. torchvision is imported where it is
used, because that takes 2 s, which a check of `main.py` need not wait for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from engine import UserError

Transform = Callable[[Tensor], Any]

DATASETS = "cifar10, digits, fake or folder:PATH"
MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2023, 0.1994, 0.2010)
"""Mean and standard deviation of CIFAR-10's channels, used for every data set."""


@dataclass(frozen=True)
class ImageSet:
    """Images `[N, 3, S, S]`, uint8; labels `[N]`, int64; the names of the classes.

    `mirrored` says that a mirror image is as good an image: so it is for cars, not for digits.
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    mirrored: bool = True

    def __len__(self) -> int:
        return len(self.labels)


class Views(Dataset[tuple[Any, ...]]):
    """An image set seen through transforms: item i is one view per transform, then the label."""

    def __init__(self, image_set: ImageSet, *transforms: Transform) -> None:
        self.image_set = image_set
        self.transforms = transforms

    def __len__(self) -> int:
        return len(self.image_set)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        image = self.image_set.images[index]
        return *(transform(image) for transform in self.transforms), self.image_set.labels[index]


def training_loader(views: Views, batch_size: int, num_workers: int, drop_last: bool) -> DataLoader[Any]:
    """Shuffled batches. With `drop_last` all have one size, which contrastive losses and batch norm want.

    Raises `UserError` when that leaves no batch at all.
    """
    if drop_last and batch_size > len(views):
        raise UserError(
            f"A batch of {batch_size} is larger than the data set of {len(views)} images.",
            f"Give --batch_size {len(views)} or less.",
        )
    pinned = torch.cuda.is_available()
    return DataLoader(views, batch_size, True, num_workers=num_workers, pin_memory=pinned, drop_last=drop_last)


def evaluation_loader(views: Views, batch_size: int, num_workers: int) -> DataLoader[Any]:
    """Batches in order, with every image in one of them: the last batch may be smaller."""
    return DataLoader(views, batch_size, num_workers=num_workers, pin_memory=torch.cuda.is_available())


def pretraining_transform(img_dim: int, mirrored: bool) -> Transform:
    """One random view: crop, mirror, colour jitter, grey (SimCLR's, with the course's strengths, without blur)."""
    from torchvision.transforms import v2

    steps = [
        v2.RandomResizedCrop(img_dim, scale=(0.2, 1.0), antialias=True),
        v2.RandomHorizontalFlip(0.5 if mirrored else 0.0),
        v2.RandomApply([v2.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
        v2.RandomGrayscale(p=0.2),
    ]
    return v2.Compose([*steps, *_to_normalised()])


def linear_transform(img_dim: int, mirrored: bool) -> Transform:
    """The mild random view that the linear classifier trains on."""
    from torchvision.transforms import v2

    bicubic = v2.InterpolationMode.BICUBIC
    steps = [
        v2.RandomResizedCrop(img_dim, scale=(0.8, 1.0), interpolation=bicubic, antialias=True),
        v2.RandomHorizontalFlip(0.5 if mirrored else 0.0),
    ]
    return v2.Compose([*steps, *_to_normalised()])


def evaluation_transform(img_dim: int, crop: bool = False) -> Transform:
    """The view for evaluation, without chance; with `crop` the centre of the image enlarged by 9/8."""
    from torchvision.transforms import v2

    size = round(img_dim * 9 / 8) if crop else img_dim
    steps = [v2.Resize(size, interpolation=v2.InterpolationMode.BICUBIC, antialias=True), v2.CenterCrop(img_dim)]
    return v2.Compose([*steps, *_to_normalised()])


def _to_normalised() -> list[Transform]:
    """The end of every transform: bytes to floats with about zero mean and unit variance."""
    from torchvision.transforms import v2

    return [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]


def default_batch_size(name: str) -> int:
    """The course's 512; less for the small sets that stand in for it on a laptop."""
    return {"fake": 32, "digits": 128}.get(name, 512)


def load_halves(name: str, root: Path, img_dim: int) -> tuple[ImageSet, ImageSet]:
    """The training and the test half of a data set (see `load_images`); raises `UserError` if their classes differ."""
    train_set, test_set = (load_images(name, root, train, img_dim) for train in (True, False))
    differing = set(train_set.classes) ^ set(test_set.classes)
    if differing:
        raise UserError(
            f"The class {min(differing)} is in only one of the halves of {name}.",
            "Give train and test folders with the same classes.",
        )
    return train_set, test_set


def load_images(name: str, root: Path, train: bool, img_dim: int) -> ImageSet:
    """One half of a data set, by the name that `--dataset` takes.

    Args:
        name: `cifar10` (downloaded into `root` when missing), `digits` (scikit-learn's, no network), `fake` (made on
            the spot), or `folder:PATH` (PATH/train/CLASS/*.png and PATH/test/CLASS/*.png, any common image format).
        root: where downloaded files are.
        train: the training half, or the test half.
        img_dim: height and width that digits, fake images and the images of a folder are brought to.

    Raises `UserError` for another name and for data that is missing or damaged.
    """
    if name == "fake":
        return _fake(train, img_dim)
    if name == "digits":
        return _digits(train, img_dim)
    if name == "cifar10":
        return _cifar10(root, train)
    if name.startswith("folder:") and name != "folder:":
        return _folder(Path(name.removeprefix("folder:")).expanduser(), train, img_dim)
    raise UserError(f"There is no data set called {name!r}.", f"--dataset takes {DATASETS}.")


def _fake(train: bool, img_dim: int) -> ImageSet:
    """64 training or 30 test images: each of the 10 classes is a coarse random pattern, each image that and noise."""
    patterns = torch.rand(10, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(64 if train else 30) % 10
    noise = torch.rand(len(labels), 3, img_dim, img_dim, generator=torch.Generator().manual_seed(1 + train))
    images = 0.7 * F.interpolate(patterns, size=img_dim, mode="bilinear")[labels] + 0.3 * noise
    return ImageSet((images * 255).to(torch.uint8), labels, tuple(f"pattern {index}" for index in range(10)))


def _digits(train: bool, img_dim: int) -> ImageSet:
    """1,797 handwritten digits of 8x8 pixels, enlarged; every fifth is a test image."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise UserError(
            "The digits come with scikit-learn, which is not installed.", "pip install scikit-learn"
        ) from error
    bunch = load_digits()
    chosen = (torch.arange(len(bunch.target)) % 5 != 0) == train
    images = torch.from_numpy(bunch.images).float()[chosen, None] / 16
    images = F.interpolate(images, size=img_dim, mode="bilinear").expand(-1, 3, -1, -1)
    labels = torch.from_numpy(bunch.target).long()[chosen]
    return ImageSet((images * 255).to(torch.uint8), labels, tuple("0123456789"), mirrored=False)


def _cifar10(root: Path, train: bool) -> ImageSet:
    from torchvision.datasets import CIFAR10

    try:
        dataset = CIFAR10(str(root), train=train, download=True)
    except (OSError, RuntimeError) as error:  # offline, a full disk; a file with the wrong checksum
        raise UserError(
            f"CIFAR-10 could not be had from {root}: {error}.",
            f"Check the network, or delete {root / 'cifar-10-batches-py'} if it is damaged, or take --dataset digits.",
        ) from error
    images = torch.from_numpy(dataset.data).permute(0, 3, 1, 2).contiguous()
    return ImageSet(images, torch.tensor(dataset.targets), tuple(dataset.classes))


def _folder(root: Path, train: bool, img_dim: int) -> ImageSet:
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import v2

    half = root / ("train" if train else "test")
    whole_image = v2.Compose([v2.Resize(img_dim, antialias=True), v2.CenterCrop(img_dim), v2.PILToTensor()])
    try:
        dataset = ImageFolder(str(half), transform=whole_image)
        pairs = [dataset[index] for index in range(len(dataset))]
    except (OSError, SyntaxError) as error:  # Pillow raises the second for some broken images
        raise UserError(
            f"The images in {half} can not be read: {getattr(error, 'strerror', None) or error}.",
            "Give a folder that holds train/CLASS/*.png and test/CLASS/*.png.",
        ) from error
    images = torch.stack([image for image, _ in pairs])
    return ImageSet(images, torch.tensor([label for _, label in pairs]), tuple(dataset.classes))
