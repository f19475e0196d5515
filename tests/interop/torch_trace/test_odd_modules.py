"""Whatever runs is imported: exact counts, true shapes, and the same numbers where nothing is opaque."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explorer.interop.torch_trace.importing import import_module
from explorer.interop.torch_trace.recording import _leaves
from explorer.interop.weights import ready
from explorer.network.inference import infer
from explorer.network.layers import Opaque, ParameterTensor
from tests.interop.torch_trace.odd_modules import MODULES, Branching, Containers, OwnWeights, Reused, Unusual

CASES = [pytest.param(kind, shape, opaque, id=kind.__name__) for kind, shape, opaque in MODULES]


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize(("kind", "shape", "opaque"), CASES)
def test_parameters_and_macs_are_exact(kind: type[nn.Module], shape: tuple[int, ...], opaque: int) -> None:
    module = kind()
    found = import_module(module, [shape], kind.__name__)
    totals = infer(found.network).totals
    assert totals.exact
    assert totals.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert found.report.exact, found.report
    assert len(found.report.opaque) <= opaque, found.report.opaque
    assert all(part.why for part in found.report.opaque)
    assert len(found.report.lines()) >= 1


@pytest.mark.parametrize(("kind", "shape", "opaque"), [case for case in CASES if case.values[2] == 0])
def test_the_same_numbers_come_out(kind: type[nn.Module], shape: tuple[int, ...], opaque: int) -> None:
    module = kind()
    found = import_module(module, [shape], kind.__name__)
    ours, random = ready(found.network)
    assert not random
    x = torch.rand(3, *shape)
    with torch.inference_mode():
        theirs = [tensor for _, tensor in _leaves(module.eval()(x))]
        given: Any = ours.eval()(x)
    results = [given] if isinstance(given, Tensor) else list(given)
    assert len(results) == len(theirs)
    for one, other in zip(results, theirs, strict=True):
        torch.testing.assert_close(one.reshape(other.shape), other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "shape", "opaque"),
    [case for case in CASES if case.values[2] == 0 and case.values[0] not in (OwnWeights, Branching)],
)
def test_they_follow_to_another_size(kind: type[nn.Module], shape: tuple[int, ...], opaque: int) -> None:
    found = import_module(kind(), [shape], kind.__name__)
    if len(shape) == 3:
        assert found.report.checked_at == ((*shape[:1], 45, 63),)


def test_a_module_that_is_called_again_shares_its_weights() -> None:
    network = import_module(Reused(), [(3, 12, 12)], "reused").network
    assert network.sharers("conv") == ("conv", "conv_2", "conv_3")
    assert network.sharers("norm_2") == ("norm", "norm_2", "norm_3")
    assert not infer(network).owns_weights("conv_3")
    assert network.nodes["conv"].tensors == network.nodes["conv_3"].tensors


def test_results_have_the_names_that_the_module_gives_them() -> None:
    network = import_module(Containers(), [(3, 12, 12)], "containers").network
    ends = [node.name for node in network.nodes.values() if not network.topology.outgoing[node.id]]
    assert ends == ["heads_0", "heads_1", "features"]


def test_what_only_training_runs_and_what_nothing_runs() -> None:
    found = import_module(Branching(), [(3, 12, 12)], "branching")
    aside = {node.id: node.layer for node in found.network.nodes.values() if node.training_only}
    assert set(aside) == {"aux.0", "aux.1", "unused.weight", "unused.bias"}
    assert isinstance(aside["unused.weight"], ParameterTensor)
    assert found.report.unreached == ("unused.weight", "unused.bias")


def test_opaque_parts_say_what_they_are_and_count_their_own() -> None:
    network = import_module(Unusual(), [(3, 12, 12)], "unusual").network
    opaque = {
        node.layer.kind: node.layer for node in network.nodes.values() if isinstance(node.layer, Opaque)
    }
    assert opaque["GRU"].parameter_count == sum(p.numel() for p in nn.GRU(4, 6).parameters())
    assert opaque["grid_sample"].out_shapes == ((4, 12, 12),)


def test_the_module_is_as_it_was() -> None:
    module = Branching()
    before = {name: (id(value), value.clone()) for name, value in module.state_dict(keep_vars=True).items()}
    modes = [inner.training for inner in module.modules()]
    import_module(module, [(3, 12, 12)], "branching")
    after = module.state_dict(keep_vars=True)
    assert {name: id(value) for name, value in after.items()} == {
        name: one for name, (one, _) in before.items()
    }
    assert all(torch.equal(after[name], value) for name, (_, value) in before.items())
    assert modes == [inner.training for inner in module.modules()]
    assert not any(inner._forward_hooks or inner._forward_pre_hooks for inner in module.modules())
