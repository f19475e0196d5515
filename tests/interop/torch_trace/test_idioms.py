"""Idioms of the large collections of networks: exact counts, true sizes elsewhere, the same numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.interop.torch_code import generate
from explorer.interop.torch_trace.importing import Imported, import_module
from explorer.interop.torch_trace.recording import _leaves
from explorer.interop.torch_trace.running import on_device
from explorer.interop.weights import ready
from explorer.network.edits import apply, change
from explorer.network.inference import infer
from explorer.network.layer import Shape
from explorer.network.layers import ChannelShuffle, Conv2d, Hardtanh, Input, LayerNorm
from explorer.network.layers.activation import LARGEST
from tests.interop.torch_code.made import assert_same
from tests.interop.torch_trace.idioms import channels, families, hybrids, layers, plumbing, tokens, weights

CASES: dict[str, tuple[Callable[[], nn.Module], Shape]] = {
    getattr(make, "__name__", "Tree").replace("<lambda>", "Tree"): (make, shape)
    for part in (weights, layers, channels, families, tokens, hybrids, plumbing)
    for make, shape in part.MODULES
}

#: What stays opaque, by the functions that no layer describes, and why nothing more is asked of it.
OPAQUE: dict[str, set[str]] = {
    "Blocks": {"constant"},
    "GatedPositions": {"constant"},
    "Latent": {"constant"},
    "Activations": {"gt", "where", "empty_like"},
    "GlobalFilter": {"fft_rfft2", "fft_irfft2", "constant"},
    "Halo": {"unfold"},
    "Involution": {"unfold"},
    "KeepsCount": {"mean", "sub"},
    "MedianPool": {"unfold", "median"},
    "MobileVit": {"MultiheadAttention"},
    "Multiscale": {"repeat", "tile", "cumsum", "topk"},
    "Outlook": {"unfold", "fold"},
    "ReadsNumbers": {"mean"},
    "Sequencer": {"LSTM", "GRU"},
    "Splits": {"flip", "cat"},
    "SqueezeExcites": {"pad"},
    "Wrapped": {"index_select"},
    "CrossCovariance": {"constant"},
}

#: Where more than 5 % of the MACs are in these.
MUCH_OPAQUE = {"CrossCovariance", "MobileVit", "Sequencer"}

#: What does not follow to another size, though torch does: tables and sizes that the run works out.
FIXED = {
    *(
        "Coordinates",
        "CrossCovariance",
        "Halo",
        "MedianPool",
        "MobileVit",
        "Outlook",
        "Vit",
    ),
    "Windows",
}


class Case(NamedTuple):
    """A module and what became of it."""

    module: nn.Module
    shape: Shape
    found: Imported


@cache
def imported(name: str) -> Case:
    make, shape = CASES[name]
    torch.manual_seed(0)
    module = make()
    return Case(module, shape, import_module(module, [shape], name))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own words on what is deprecated in these modules
        yield


def counted(module: nn.Module, shape: Shape) -> int | None:
    """FlopCounterMode / 2 of one example; None where the module does not run."""
    module.requires_grad_(False)  # the counter stumbles over stretched parameters otherwise
    for device in ("meta", "cpu"):  # on the CPU the counter does not see fused attention
        with suppress(Exception), torch.no_grad(), on_device(module.eval(), device), torch.device(device):
            with FlopCounterMode(display=False) as counter:
                module(torch.zeros(1, *shape))
            return int(counter.get_total_flops()) // 2
    return None


@pytest.mark.parametrize("name", CASES)
def test_counts_are_torchs(name: str) -> None:
    module, shape, found = imported(name)
    totals = infer(found.network).totals
    assert totals.exact
    assert totals.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert totals.macs == counted(module, shape)
    assert found.report.exact, found.report
    assert {part.kind for part in found.report.opaque} == OPAQUE.get(name, set())
    assert found.report.described_macs >= 0.95 or name in (
        "CrossCovariance",
        "MobileVit",
        "Sequencer",
    )


@pytest.mark.parametrize("name", CASES)
def test_counts_follow_to_another_size(name: str) -> None:
    module, _, found = imported(name)
    node = next(node for node in found.network.nodes.values() if isinstance(node.layer, Input))
    for other in ((3, 49, 67), (3, 96, 64)):
        macs = counted(module, other)
        if macs is None:
            continue
        moved = apply(found.network, [change(node, replace(node, layer=Input(other)))])
        totals = infer(moved).totals
        assert totals.exact is (name not in FIXED), "it follows now" if totals.exact else "it does not follow"
        assert totals.macs == macs or name in FIXED
        return


@pytest.mark.parametrize("name", [name for name in CASES if not OPAQUE.get(name)])
def test_the_same_numbers_come_out(name: str) -> None:
    module, shape, found = imported(name)
    ours, random = ready(found.network)
    assert not random
    x = torch.rand(2, *shape)
    with torch.no_grad():
        theirs = [tensor for _, tensor in _leaves(module.eval()(x))]
        given: Any = ours.eval()(x)
    results = [given] if isinstance(given, Tensor) else list(given)
    assert len(results) == len(theirs)
    for one, other in zip(results, theirs, strict=True):
        torch.testing.assert_close(one.reshape(other.shape), other, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", [name for name in CASES if not OPAQUE.get(name) and name != "Deep"])
def test_its_code_gives_the_same_numbers(name: str) -> None:
    network = imported(name).found.network
    assert_same(network, generate(network))


def test_code_carries_nothing_out_twice() -> None:
    text = generate(imported("MultiQuery").found.network).text
    assert text.count("self.k(") == text.count("self.v(") == 1


def test_what_is_one_layer_is_imported_as_one() -> None:
    norms, shuffles = imported("Norms").found.network, imported("TripleTwo").found.network
    assert norms.nodes["body.1"].layer == LayerNorm("channels")
    bounds = [node.layer for node in imported("Bounds").found.network.nodes.values()]
    assert Hardtanh(-1e5, LARGEST) in bounds
    assert Hardtanh(-LARGEST, 0.5) in bounds
    assert {ChannelShuffle(2), ChannelShuffle(4)} <= {node.layer for node in shuffles.nodes.values()}


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_other_types_of_numbers(kind: torch.dtype) -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU()).to(kind)
    found = import_module(module, [(3, 16, 16)], "other")
    assert found.report.exact
    assert found.report.opaque == ()
    assert not ready(found.network)[1]


def test_empty_parameters_are_nothing() -> None:
    module = nn.Sequential(nn.Conv2d(3, 8, 3))
    module.register_parameter("kept", nn.Parameter(torch.empty(0)))
    found = import_module(module, [(3, 16, 16)], "empty")
    assert found.report.exact
    assert found.report.unreached == ()


def test_torchscript_is_read_by_running_it() -> None:
    body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 4))
    found = import_module(
        nn.Sequential(torch.jit.script(body.eval()), nn.Softmax(1)), [(3, 16, 16)], "script"
    )
    assert found.report.exact
    assert found.report.opaque == ()
    assert infer(found.network).totals.parameters == sum(one.numel() for one in body.parameters())


def test_what_was_worked_out_is_told_and_counted_once() -> None:
    _, _, found = imported("Standardization")
    assert found.report.worked_out == 3
    assert set(found.report.sources) == {"conv1.gain", "conv2.gain"}
    assert found.report.unreached == ()
    network = found.network
    assert network.nodes["conv1"].layer == Conv2d(16, (3, 3), padding=(1, 1), groups=2)
    assert network.nodes["conv1_gain"].training_only
    assert any("worked out once" in line for line in found.report.lines())
