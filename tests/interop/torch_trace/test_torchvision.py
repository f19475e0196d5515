"""torchvision's models: counts and shapes are torch's, at two sizes, and the same numbers come out."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from msgspec.structs import replace
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

from explorer.interop.torch_trace.importing import Imported, import_module
from explorer.interop.torchvision_models import inputs, make
from explorer.interop.weights import ready
from explorer.network.edits import apply, change
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layer import Shape
from explorer.network.layers import Input

NAMES = (
    "alexnet",
    "vgg11",
    "resnet18",
    "googlenet",
    "squeezenet1_1",
    "mobilenet_v3_small",
    "shufflenet_v2_x0_5",
    "mnasnet0_5",
    "efficientnet_b0",
    "convnext_tiny",
    "swin_t",
    "vit_b_32",
)


@cache
def imported(name: str) -> tuple[nn.Module, Shape, Imported]:
    module, shape = make(name), inputs(name)[0]
    return module, shape, import_module(module, [shape], name, keep_weights=False)


def torch_counts(module: nn.Module, shape: Shape) -> int:
    """FlopCounterMode / 2 for one image in eval mode."""
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        module.to("meta").eval()(torch.zeros(1, *shape, device="meta"))
    return int(counter.get_total_flops()) // 2


def at_size(network: Network, shape: Shape) -> Network:
    node = next(node for node in network.nodes.values() if isinstance(node.layer, Input))
    return apply(network, [change(node, replace(node, layer=Input(shape)))])


@pytest.mark.parametrize("name", NAMES)
def test_counts_are_torchs_and_nothing_is_opaque(name: str) -> None:
    module, shape, found = imported(name)
    totals = infer(found.network).totals
    assert totals.exact
    assert totals.parameters == sum(parameter.numel() for parameter in module.parameters())
    assert totals.macs == torch_counts(module, shape)
    assert found.report.exact
    assert found.report.opaque == ()
    assert found.report.unreached == ()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "vit_b_32"])
def test_counts_follow_to_another_size(name: str) -> None:
    module, shape, found = imported(name)
    other = (3, shape[1] + 32, shape[2] + 64)
    totals = infer(at_size(found.network, other)).totals
    assert totals.exact
    assert totals.macs == torch_counts(module, other)


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "shufflenet_v2_x0_5", "mobilenet_v3_small"])
def test_every_module_gives_the_shape_that_a_hook_sees(name: str) -> None:
    module, shape, found = imported(name)
    seen: dict[str, Shape] = {}

    def hook(inner: nn.Module, _: object, out: torch.Tensor, *, name: str) -> None:
        seen[name] = tuple(out.shape[1:])

    hooks = [
        inner.register_forward_hook(lambda m, a, o, name=path: hook(m, a, o, name=name))
        for path, inner in module.named_modules()
        if path in found.network.nodes
    ]
    module.eval()(torch.zeros(1, *shape, device="meta"))
    for handle in hooks:
        handle.remove()
    results = infer(found.network).results
    assert len(seen) > 40
    assert {path: results[path].output for path in seen} == seen


@pytest.mark.parametrize(
    ("name", "side"),
    [("googlenet", 64), ("mobilenet_v3_small", 64), ("shufflenet_v2_x0_5", 64), ("swin_v2_t", 64)],
)
def test_the_same_numbers_come_out(name: str, side: int) -> None:
    torch.manual_seed(0)
    options = {"init_weights": False} if name == "googlenet" else {}
    module = models.get_model(name, weights=None, **options).eval()
    found = import_module(module, [(3, side, side)], name)
    ours, random = ready(found.network)
    assert not random
    picture = torch.rand(2, 3, side, side)
    with torch.inference_mode():
        torch.testing.assert_close(ours.eval()(picture), module(picture), rtol=1e-4, atol=1e-5)


def test_auxiliary_heads_are_there_for_training_only() -> None:
    network = imported("googlenet")[2].network
    heads = {node.block for node in network.nodes.values() if node.training_only}
    assert heads == {"aux1", "aux1.conv", "aux2", "aux2.conv"}
    assert {link.source for link in network.links.values() if link.target.startswith("aux1.")} & {
        "inception4a.concat"
    }


def test_blocks_and_names_are_the_module_trees() -> None:
    network = imported("resnet18")[2].network
    assert network.nodes["layer2.0.downsample.1"].block == "layer2.0.downsample"
    assert network.blocks["layer2.0"].kind == "BasicBlock"
    assert {"conv1", "bn1", "relu", "maxpool", "avgpool", "flatten", "fc"} <= set(network.nodes)
