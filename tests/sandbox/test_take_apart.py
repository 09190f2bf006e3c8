"""A value that student code returns becomes plain data: by its exact type, not by anything it says of itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from autograder.sandbox.apart import take_apart


class Clever(np.ndarray):
    """An array that could answer anything."""


@pytest.mark.parametrize(
    ("value", "kind", "type_name"),
    [
        pytest.param(np.array(4), "number", "numpy.ndarray", id="0-d array"),
        pytest.param(np.array(4.0, "float32"), "number", "numpy.ndarray", id="0-d array of a float"),
        pytest.param(np.array([4]), "other", "numpy.ndarray of shape [1]", id="array of one"),
        pytest.param(np.zeros((2, 3)), "other", "numpy.ndarray of shape [2, 3]", id="larger array"),
        pytest.param(np.array("4"), "other", "numpy.ndarray", id="0-d array of text"),
        pytest.param(np.array(None), "other", "numpy.ndarray", id="0-d array of an object"),
        pytest.param(np.array(4).view(Clever), "other", f"{__name__}.Clever", id="a subclass"),
        pytest.param(nn.Parameter(torch.tensor(4.0)), "tensor", "torch.float32", id="parameter"),
        pytest.param(torch.tensor(4.0, requires_grad=True), "tensor", "torch.float32", id="tensor"),
        pytest.param(np.int64(4), "number", "numpy.int64", id="NumPy integer"),
    ],
)
def test_taken_apart(value: object, kind: str, type_name: str) -> None:
    found, name, array = take_apart(value)
    assert (found, name) == (kind, type_name)
    if kind == "other":
        assert array is None
    else:
        assert array is not None and array.shape == () and float(array) == 4
