"""ONNX files that torch's exporter writes: the same numbers in another runtime, at any batch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from explorer.interop.onnx_out import _export, export_onnx
from explorer.interop.parcel import largest_difference, parcel
from explorer.network.builder import Builder
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layers import (
    AdaptiveAvgPool2d,
    AdaptiveMaxPool2d,
    Add,
    BatchNorm,
    Concat,
    GlobalAvgPool2d,
    L2Pool2d,
    Linear,
    Opaque,
    Output,
    ReLU,
    SpatialPyramidPool,
    Subsample,
)
from explorer.network.shorthand import conv
from explorer.tasks.job import Context, Mailbox, Stopped, StopToken


class Silent:
    """A Reporter to whom nobody listens."""

    def progress(self, fraction: float | None, message: str = "") -> None:
        pass


def network() -> Network:
    """Two inputs, two outputs, a training-only head, a sum, and pooling that the exporter does not know."""
    b = Builder("all of it")
    left, right = b.input(3, 13, 11, name="left"), b.input(3, 13, 11, name="right")
    with b.block("stem"):
        b.add(conv(4, 3, padding=1), left, name="conv")
        first = b.add(BatchNorm(), name="bn")
        b.add(conv(4, 3, padding=1), right, name="other")
        b.add(Add(), str(b.last), first, name="sum")
        trunk = b.add(ReLU(), name="relu")
    with b.training_only():
        b.add(GlobalAvgPool2d(flatten=True), trunk, name="aux")
    b.add(AdaptiveMaxPool2d((5, 4)), trunk, name="adaptive")
    b.add(AdaptiveAvgPool2d((3, 3)), name="average")
    b.add(Subsample((2, 2), (1, 1)), name="subsample")
    b.add(L2Pool2d((3, 3), (2, 2), (1, 1), ceil_mode=True), name="norms")
    b.add(Output(), name="maps")
    pyramid = b.add(SpatialPyramidPool((3, 1)), trunk, name="pyramid")
    b.add(Concat(), pyramid, b.add(GlobalAvgPool2d(flatten=True), trunk, name="mean"), name="join")
    b.add(Linear(5), name="fc")
    b.add(Output(), name="scores")
    return b.network()


def test_the_file_computes_the_same_at_any_batch(tmp_path: Path) -> None:
    target = tmp_path / "out.onnx"
    with parcel(network()) as folder:
        found = _export(Silent(), folder, str(target), True)  # type: ignore[arg-type]  # in this process
    assert found is not None
    assert found[1]
    assert found[0] < 1e-5
    session = onnxruntime.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    assert [entry.name for entry in session.get_inputs()] == ["left", "right"]
    assert [entry.name for entry in session.get_outputs()] == ["maps", "scores"]
    given = {name: np.zeros((7, 3, 13, 11), np.float32) for name in ("left", "right")}
    assert [value.shape for value in session.run(None, given)] == [(7, 4, 2, 2), (7, 5)]
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["out.onnx"]


def context(token: StopToken) -> Context:
    return Context(Mailbox(lambda: None), token)


def test_a_stop_kills_the_exporter_and_leaves_nothing(tmp_path: Path) -> None:
    token = StopToken()
    token.stop()
    with pytest.raises(Stopped):
        export_onnx(network(), tmp_path / "out.onnx", context(token))
    assert not list(tmp_path.glob("*.onnx*"))


def test_what_cannot_run_is_told_before_a_process_starts(tmp_path: Path) -> None:
    b = Builder("opaque")
    b.input(3, 8, 8)
    b.add(Opaque("attention", ((3, 8, 8),), ((3, 8, 8),)), name="attention")
    with pytest.raises(UserError, match="attention is known only by its shapes"):
        export_onnx(b.network(), tmp_path / "out.onnx", context(StopToken()))


def test_differences() -> None:
    one = torch.tensor([1.0, float("nan"), float("inf")])
    assert largest_difference([one], [one.clone()]) == (0.0, True)
    assert largest_difference([one], [torch.tensor([1.0, 2.0, float("inf")])]) == (float("inf"), False)
    assert largest_difference([torch.ones(3)], [torch.ones(4)]) == (float("inf"), False)
    large, agrees = largest_difference([torch.full((2,), 1e4)], [torch.full((2,), 1e4 + 0.5)])
    assert agrees
    assert large == pytest.approx(0.5)
    assert largest_difference([torch.ones(1)], [torch.full((1,), 1.01)])[1] is False
