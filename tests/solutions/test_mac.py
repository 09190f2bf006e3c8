"""Every method on a stand-in for a Mac's GPU: tensors that say `mps`, and refuse what is missing there.

They are tensors of the CPU with a class of their own. Operations between one of them and a tensor of the CPU are
refused, and so are float64, complex numbers, and the operators that some PyTorch of `requirements.txt` lacks on `mps`.
What follows a loss backwards is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map_only

import main as pretraining
import main_linclis
from ssl_kit import engine, pretext
from ssl_kit.flags import PRESETS
from ssl_kit.logs import read_log
from ssl_kit.pretraining import Run

MPS = torch.device("mps")
MISSING = {
    *("linalg_eigh", "linalg_eigvalsh", "linalg_svd", "linalg_svdvals", "linalg_matrix_norm", "linalg_qr"),
    *("grid_sample", "grid_sampler", "complex", "view_as_complex"),
}
MIXED = {"_has_compatible_shallow_copy_type", "__get__", "__set__", "copy_", "__getitem__", "__setitem__"}
"""May see both kinds: attributes, copies, and rows chosen by a tensor of the CPU."""


class OnMac(Tensor):
    """A tensor that lies on the GPU of a Mac."""


def is_mac(device: object) -> bool:
    return device is not None and not isinstance(device, Tensor) and str(device).startswith("mps")


class Mac(TorchFunctionMode):
    """While it is in force, `torch.device("mps")` is there."""

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(function, "__name__", "")
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        ours = [tensor for tensor in tensors if isinstance(tensor, OnMac)]
        if function == Tensor.device.__get__:
            return MPS if ours else torch.device("cpu")
        goes = [device for device in (*args[1:2], kwargs.get("device")) if isinstance(device, str | torch.device)]
        if name in ("to", "cpu") and tensors:
            return self.moved(function, name, args, kwargs, goes)
        if goes and is_mac(kwargs.get("device")):
            return self.checked(name, function(*args, **{**kwargs, "device": "cpu"}), True)
        if ours:
            assert name not in MISSING, f"mps lacks {name}"
            plain = [one for one in tensors if not isinstance(one, OnMac) and one.dim()]
            assert not plain or name in MIXED, f"{name} of tensors on two devices"
        return self.checked(name, function(*args, **kwargs), bool(ours))

    def moved(self, function: Any, name: str, args: Any, kwargs: Any, goes: list[Any]) -> Tensor:
        """The result of `to` and `cpu`."""
        device = "cpu" if name == "cpu" else next(iter(goes), None)
        there = is_mac(device) if device is not None else isinstance(args[0], OnMac)
        if device is None:
            return self.checked(name, function(*args, **kwargs), there)
        kwargs = {key: value for key, value in kwargs.items() if key not in ("device", "non_blocking")}
        rest = [one for one in args[1:] if isinstance(one, torch.dtype)]
        source = args[0].as_subclass(OnMac if there else Tensor)
        return self.checked(name, source.to(*rest, **kwargs) if rest or kwargs else source, there)

    @staticmethod
    def checked(name: str, result: Any, there: bool) -> Any:
        """The result as one of the device."""
        if not there:
            return result
        for tensor in tree_leaves(result):
            wrong = isinstance(tensor, Tensor) and (tensor.dtype == torch.float64 or tensor.is_complex())
            assert not wrong, f"{name} gives {tensor.dtype}, which mps lacks"
        return tree_map_only(Tensor, lambda one: one if isinstance(one, OnMac) else one.as_subclass(OnMac), result)


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    save = torch.save

    def save_plain(content: Any, file: Any) -> None:
        with torch._C.DisableTorchFunction():  # checkpoints hold tensors of torch's own class alone
            save(tree_map_only(OnMac, lambda one: one.as_subclass(Tensor), content), file)

    monkeypatch.setattr(torch, "save", save_plain)
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    engine._say_once.cache_clear()
    with Mac():
        yield
    torch.__future__.set_overwrite_module_params_on_conversion(False)


FLAGS = ["--dataset=fake", "--img_dim=16", "--feat_dim=16", "--arch=small", "--epochs=1", "--device=mps"]


def test_a_mac_s_gpu_is_taken_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    for cuda, mps, taken in ((True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda cuda=cuda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda mps=mps: mps)
        assert engine.pick_device("auto").type == taken


@pytest.mark.parametrize("refused", [lambda x: x.double(), torch.linalg.eigh, lambda x: x + torch.ones(2, 2)])
def test_the_stand_in_refuses(mac: None, refused: Any) -> None:
    x = torch.ones(2, 2, device="mps")
    assert x.device.type == "mps" and (x @ x).device.type == "mps" and x.cpu().device.type == "cpu"
    with pytest.raises(AssertionError, match=r"mps lacks|two devices"):
        refused(x)


@pytest.mark.parametrize("method", PRESETS)
def test_a_method_trains_there(mac: None, method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    probe = "false" if method in pretext.PATCHES else "true"
    flags = [f"--method={method}", "--batch_size=32", "--spectrum=true", f"--online_probe={probe}", "--weighted_knn=5"]
    args = pretraining.parse_args([*FLAGS, *flags, "--exp_dir", str(tmp_path)])
    run = Run(args, pretraining.update_momentum_encoder)
    assert all(parameter.device.type == "mps" for parameter in run.method.parameters())
    run.train()
    last = read_log(tmp_path / "log.csv")[-1]
    assert {"knn", "knn_weighted", "loss", *(["probe"] if probe == "true" else [])} <= last.keys()
    assert capsys.readouterr().out.count("computed on the CPU, because a Mac's GPU lacks them") == 1
    if method != "byol":  # which method it was is no matter to linear evaluation
        return
    flags = ["--dataset=fake", "--img_dim=16", "--epochs=1", "--device=mps", "--exp_dir", str(tmp_path)]
    assert main_linclis.main([*flags, "--pretrained", str(tmp_path / "last.pth")]) == 0
