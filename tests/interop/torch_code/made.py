"""Generated code carried out, and held against the network's own module."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from explorer.interop.torch_code import Code
from explorer.interop.torch_module import NetworkModule, build, input_shapes
from explorer.network.graph import Network


def carried_out(code: Code) -> nn.Module:
    """The network's class, made."""
    names: dict[str, Any] = {"__name__": "made"}
    exec(compile(code.text, code.name, "exec"), names)  # the code under test
    module = names[code.name]()
    assert isinstance(module, nn.Module)
    return module


def with_weights_of(code: Code, ours: NetworkModule) -> nn.Module:
    """The module that the code makes, with our module's weights: every one has its place."""
    theirs = carried_out(code)
    for node, path in code.modules.items():
        theirs.get_submodule(path).load_state_dict(ours.get_submodule(ours.module_name(node)).state_dict())
    for node, name in code.tensors.items():
        weight = ours.get_submodule(ours.module_name(node)).state_dict()["weight"]
        assert not theirs.load_state_dict({name: weight}, strict=False).unexpected_keys
    assert sum(p.numel() for p in theirs.parameters()) == sum(p.numel() for p in ours.parameters())
    assert len(theirs.state_dict()) == len(ours.state_dict())
    return theirs


def flat(values: Any) -> list[Tensor]:
    """One tensor or several, as a list."""
    return [values] if isinstance(values, Tensor) else list(values)


def assert_same(network: Network, code: Code, *, training: bool = False) -> None:
    """Both give the same numbers, exactly: the same calls in the same order."""
    ours = build(network, seed=1)
    theirs = with_weights_of(code, ours)
    inputs = [torch.rand(2, *shape) for shape in input_shapes(network)]
    with torch.inference_mode():
        for mode in (False, True) if training else (False,):
            found = []
            for module in (ours, theirs):
                torch.manual_seed(3)
                found.append(flat(module.train(mode)(*inputs)))
            assert len(found[0]) == len(found[1])
            for one, other in zip(*found, strict=True):
                torch.testing.assert_close(one, other, rtol=0, atol=0, equal_nan=True)
