"""The data sets and their batches. Given.

Every data set is held in memory as bytes: CIFAR-10 takes 150 MB, STL-10 at 96 pixels 2.9 GB. torchvision is imported
where it is used, because that takes 2 s, which a check of `main.py` need not wait for.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

import engine
from engine import UserError
from views import RandomView, plain_view

DOWNLOADS = {
    "cifar10": ("CIFAR-10", "cifar-10-batches-py"),
    "cifar100": ("CIFAR-100", "cifar-100-python"),
    "stl10": ("STL-10", "stl10_binary"),
}
"""What torchvision can fetch: how it is called, and the folder that it is unpacked into."""
DATASETS = "cifar10, cifar100, stl10, digits, fake or folder:PATH"


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

    def to(self, device: torch.device) -> ImageSet:
        """The same images on another device."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def subset(self, rows: Tensor) -> ImageSet:
        """The images of these rows only."""
        return replace(self, images=self.images[rows], labels=self.labels[rows])


@dataclass(frozen=True)
class Batch:
    """Some images as a method sees them: their views, `[B, 3, S, S]` each, and their labels, `[B]`.

    `grids` are for methods that compare pixels: where in the image the cells of each view's feature map are.
    """

    views: tuple[Tensor, ...]
    labels: Tensor
    grids: tuple[Tensor, ...] = ()


class Batches:
    """Shuffled batches of random views: one pass per call of `epoch`.

    Args:
        image_set: the images; they should be on the device that trains (`ImageSet.to`).
        makers: how each view of an image is made.
        batch_size: images of a whole batch, over all processes.
        drop_last: leave out the images that do not fill a batch: contrastive losses and batch norm want one size.
        part: which part of every batch is this process's, `(rank, processes)`.
        num_workers: threads that make views ahead of time; the views do not depend on how many.
        grid_size: with a number, each batch comes with grids of that many cells a side.

    Raises `UserError` when there is no whole batch, or when it can not be parted evenly.
    """

    def __init__(
        self,
        image_set: ImageSet,
        makers: Sequence[RandomView],
        batch_size: int,
        drop_last: bool = True,
        part: tuple[int, int] = (0, 1),
        num_workers: int = 0,
        grid_size: int = 0,
    ) -> None:
        if drop_last and batch_size > len(image_set):
            raise UserError(
                f"A batch of {batch_size} is larger than the data set of {len(image_set)} images.",
                f"Give --batch_size {len(image_set)} or less.",
            )
        if batch_size % part[1]:
            raise UserError(
                f"A batch of {batch_size} can not be parted evenly among {part[1]} processes.",
                f"Give a --batch_size that is a multiple of {part[1]}.",
            )
        self.image_set, self.makers, self.batch_size = image_set, makers, batch_size
        self.part, self.num_workers, self.grid_size = part, num_workers, grid_size
        self.count = len(image_set) // batch_size if drop_last else math.ceil(len(image_set) / batch_size)

    def __len__(self) -> int:
        return self.count

    def epoch(self, seed: int, epoch: int) -> Iterator[Batch]:
        """The batches of one pass, which depend on `seed` and `epoch` and on nothing before."""
        order = torch.randperm(len(self.image_set), generator=engine.generator(seed, epoch))
        rows = list(order.split(self.batch_size))[: self.count]
        if not self.num_workers:
            yield from (self._make(chosen, seed, epoch, index) for index, chosen in enumerate(rows))
            return
        with ThreadPoolExecutor(self.num_workers) as pool:
            ahead: deque[Future[Batch]] = deque()
            for index, chosen in enumerate(rows):
                ahead.append(pool.submit(self._make, chosen, seed, epoch, index))
                if len(ahead) > 2 * self.num_workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _make(self, chosen: Tensor, seed: int, epoch: int, index: int) -> Batch:
        """Batch `index` of an epoch: chance decides about all its images, and this process's part is made."""
        generator = engine.generator(seed, epoch, index + 1)
        draws = [maker.draw(len(chosen), generator) for maker in self.makers]
        rank, processes = self.part
        rows = slice(len(chosen) * rank // processes, len(chosen) * (rank + 1) // processes)
        draws = [{name: values[rows] for name, values in view.items()} for view in draws]
        where = chosen[rows].to(self.image_set.images.device)
        images = self.image_set.images[where]
        pairs = list(zip(self.makers, draws, strict=True))
        grids = tuple(maker.grid(view, self.grid_size).to(images.device) for maker, view in pairs if self.grid_size)
        return Batch(tuple(maker(images, view) for maker, view in pairs), self.image_set.labels[where], grids)


def plain_batches(
    image_set: ImageSet, batch_size: int, img_dim: int, enlarge: float = 1.0
) -> Iterator[tuple[Tensor, Tensor]]:
    """Images without chance, in order, and their labels; every image is in a batch, the last may be smaller."""
    for images, labels in zip(image_set.images.split(batch_size), image_set.labels.split(batch_size), strict=True):
        yield plain_view(images, img_dim, enlarge), labels


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
        name: `cifar10`, `cifar100` or `stl10` (downloaded into `root` when missing), `digits` (scikit-learn's, no network), `fake` (made on
            the spot), or `folder:PATH` (PATH/train/CLASS/*.png and PATH/test/CLASS/*.png, any common image format).
        root: where downloaded files are.
        train: the training half, or the test half.
        img_dim: height and width that the images are brought to.

    Raises `UserError` for another name and for data that is missing or damaged.
    """
    if name == "fake":
        return _fake(train, img_dim)
    if name == "digits":
        return _digits(train, img_dim)
    if name in DOWNLOADS:
        return _downloaded(name, root, train, img_dim)
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


def _downloaded(name: str, root: Path, train: bool, img_dim: int) -> ImageSet:
    """A data set of torchvision; of STL-10 the labelled halves of 5,000 and 8,000 images."""
    from torchvision import datasets

    title, folder = DOWNLOADS[name]
    half = {"split": "train" if train else "test"} if name == "stl10" else {"train": train}
    try:
        dataset = getattr(datasets, title.replace("-", ""))(str(root), download=True, **half)
    except Exception as error:  # offline, a full disk; and damage shows itself as errors of any kind
        raise UserError(
            f"{title} could not be had from {root}: {error}.",
            f"Check the network, or delete {root / folder} if it is damaged, or take --dataset digits.",
        ) from error
    images = torch.from_numpy(dataset.data)
    if name != "stl10":
        images = images.permute(0, 3, 1, 2)
    labels = torch.as_tensor(dataset.labels if name == "stl10" else dataset.targets).long()
    return ImageSet(_resized(images.contiguous(), img_dim), labels, tuple(dataset.classes))


def _resized(images: Tensor, img_dim: int) -> Tensor:
    """Bytes `[N, 3, S, S]` brought to another size, a thousand at a time."""
    if images.shape[-1] == img_dim:
        return images
    small = [
        F.interpolate(chunk.float(), size=(img_dim, img_dim), mode="bilinear", antialias=True).round().to(torch.uint8)
        for chunk in images.split(1000)
    ]
    return torch.cat(small)


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
