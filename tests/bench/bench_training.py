"""Times the training code side by side with lightly, in one process: losses, k-NN, a whole step, and views.

    python tests/bench/bench_training.py [--quick] [--repeats N]

Both sides of a line are timed in turns, and the median of the turns counts, so that a busy machine harms both.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).parents[2] / "solutions"))

Work = Callable[[], object]


def race(own: Work, theirs: Work, repeats: int) -> tuple[float, float]:
    """Median seconds of both, run in turns after one run each that does not count; either goes first as often."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(repeats + 1):
        for work, column in list(zip((own, theirs), times, strict=True))[:: -1 if turn % 2 else 1]:
            start = time.perf_counter()
            work()
            if turn:
                column.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def peak_mib(work: Work) -> float:
    """The most memory that tensors made by `work` took at one time, in MiB."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as record:
        work()
    now = peak = 0
    events = [event for event in record.profiler.kineto_results.events() if event.name() == "[memory]"]
    for event in sorted(events, key=lambda event: event.start_ns()):
        now += event.nbytes()
        peak = max(peak, now)
    return peak / 2**20


def losses(count: int, width: int) -> tuple[Work, Work]:
    """NT-Xent, forward and backward."""
    from lightly.loss import NTXentLoss

    from criterion import SSLLoss

    z1, z2 = (torch.randn(count, width).requires_grad_() for _ in range(2))
    own, theirs = SSLLoss(), NTXentLoss(temperature=0.5)

    def run(loss: Tensor) -> None:
        torch.autograd.grad(loss, (z1, z2))

    return lambda: run(own.contrastive_loss(z1, z2)), lambda: run(theirs(z1, z2))


def neighbours(known: int, queries: int, width: int) -> tuple[Work, Work]:
    """Weighted k-NN with K = 200, as in published tables; lightly's is called on chunks of the size that ours uses."""
    from lightly.utils.benchmarking import knn_predict

    from ssl_kit.measures import weighted_knn

    columns = torch.nn.functional.normalize(torch.randn(width, known), dim=0)
    rows = torch.nn.functional.normalize(torch.randn(queries, width), dim=1)
    labels = torch.randint(10, (known,))

    def theirs() -> None:
        for chunk in rows.split(400):
            knn_predict(chunk, columns, labels, num_classes=10, knn_k=200, knn_t=0.1)

    return lambda: weighted_knn(rows, columns, torch.zeros(queries, dtype=torch.long), labels, 200, 0.1), theirs


def steps(batch: int, precision: str = "fp32") -> tuple[Work, Work]:
    """A SimCLR step of ResNet-18 on images of 32 pixels: forward, loss, backward, SGD."""
    from lightly.loss import NTXentLoss
    from lightly.models.modules import SimCLRProjectionHead

    from ssl_kit import flags
    from ssl_kit.methods import make_method
    from ssl_kit.networks import Backbone

    args: Namespace = flags.parse_args(["--method=simclr", "--feat_dim=128", f"--precision={precision}"])
    method = make_method(args, 10)
    theirs = torch.nn.Sequential(Backbone("resnet18"), SimCLRProjectionHead(512, 512, 128))
    criterion = NTXentLoss(temperature=0.5)
    views, labels = [torch.randn(batch, 3, 32, 32) for _ in range(2)], torch.zeros(batch)
    optimizers = [torch.optim.SGD(network.parameters(), 0.03, momentum=0.9) for network in (method, theirs)]

    def step(loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return (
        lambda: step(method(views, labels, ()), optimizers[0]),
        lambda: step(criterion(theirs(views[0]), theirs(views[1])), optimizers[1]),
    )


def views(count: int) -> tuple[Work, Work]:
    """Random views of images of 32 pixels: lightly's transform makes two of a PIL image."""
    from lightly.transforms import SimCLRTransform
    from PIL import Image

    from ssl_kit.views import RandomView

    images = torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8)
    pictures = [Image.fromarray(image.permute(1, 2, 0).numpy()) for image in images[: count // 2]]
    maker, generator = RandomView(32), torch.Generator().manual_seed(0)
    theirs = SimCLRTransform(input_size=32, cj_strength=0.5, gaussian_blur=0.0, min_scale=0.2)
    return lambda: maker(images, maker.draw(count, generator)), lambda: [theirs(picture) for picture in pictures]


def main(argv: Sequence[str] | None = None) -> int:
    """Run all races and print a table."""
    parser = argparse.ArgumentParser(description="Time the training code against lightly.")
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything runs")
    parser.add_argument("--without_steps", action="store_true", help="leave out the steps, which take minutes")
    parser.add_argument("--repeats", type=int, default=5, help="turns that count (default: %(default)s)")
    args = parser.parse_args(argv)
    torch.manual_seed(0)
    batch, width, known, queries, step, many = (512, 2048, 50_000, 2000, 64, 1024)
    if args.quick:
        batch, width, known, queries, step, many = 32, 64, 4000, 400, 4, 32
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; median of {args.repeats} turns")
    print(f"{'':<44}{'ours':>12}{'lightly':>12}{'ratio':>8}")
    loss = losses(batch, width)
    report(f"NT-Xent {batch} x {width}, ms", [1e3 * seconds for seconds in race(*loss, args.repeats)])
    report(f"NT-Xent {batch} x {width}, peak MiB", [peak_mib(work) for work in loss])
    seconds = race(*neighbours(known, queries, 512), args.repeats)
    report(f"k-NN {queries} x {known} x 512, K = 200, ms", [1e3 * value for value in seconds])
    for precision in () if args.without_steps else ("fp32", "bf16"):
        seconds = race(*steps(step, precision), max(1, args.repeats // 2))
        report(f"SimCLR step, ResNet-18, batch {step}, {precision}, ms", [1e3 * value for value in seconds])
    report("random views, us each", [1e6 * seconds / many for seconds in race(*views(many), args.repeats)])
    return 0


def report(name: str, numbers: Sequence[float]) -> None:
    """One line of the table."""
    print(f"{name:<44}{numbers[0]:>12.1f}{numbers[1]:>12.1f}{numbers[0] / numbers[1]:>8.2f}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
