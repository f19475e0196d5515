"""What torch says of a layer, to hold our rules against."""

from __future__ import annotations

import warnings
from functools import cache
from math import prod
from typing import Any, NamedTuple

import msgspec
import torch
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.interop import modules
from explorer.interop.torch_module import instantiate
from explorer.network.layer import Layer, Shape
from explorer.network.layers import FieldInfo, fields_of

REFUSALS = (RuntimeError, ValueError, IndexError, AssertionError)
"""What torch raises when a module cannot be made or cannot take its input."""


class Verdict(NamedTuple):
    """Output shape without the batch, parameters by name, and MACs in eval mode."""

    output: Shape
    parameters: dict[str, Shape]
    macs: int


def torch_says(layer: Layer, inputs: tuple[Shape, ...], device: str) -> Verdict:
    """Run the layer's torch module on one example. Raises one of REFUSALS as torch does."""
    with warnings.catch_warnings(), torch.device(device), torch.inference_mode():
        warnings.simplefilter("ignore")  # torch warns of slow paths, such as 'same' with even kernels
        module = instantiate(layer.torch_call(*inputs)).eval()
        values = [torch.zeros(1, *shape) for shape in inputs]
        out = module(*values)  # by itself first: under the counter some checks of torch fall away
        with FlopCounterMode(display=False) as counter:
            module(*values)
    parameters = {name: tuple(tensor.shape) for name, tensor in module.named_parameters()}
    return Verdict(tuple(out.shape[1:]), parameters, counter.get_total_flops() // 2)


def line_says(layer: Layer, inputs: tuple[Shape, ...]) -> tuple[Shape, int]:
    """Evaluate the PyTorch line that people see: its output shape and number of trainable values."""
    names: dict[str, Any] = {"nn": nn, "torch": torch} | vars(modules)
    with warnings.catch_warnings(), torch.device("meta"), torch.inference_mode():
        warnings.simplefilter("ignore")
        made = eval(layer.torch_line(*inputs), names)  # our own line, which is what is under test
        if isinstance(made, nn.Module):
            made.eval()
        values = [torch.zeros(1, *shape) for shape in inputs]
        out: Tensor = made(*values)
    trained = made.parameters() if isinstance(made, nn.Module) else ()
    return tuple(out.shape[1:]), sum(prod(tensor.shape) for tensor in trained)


@cache
def layers_of(kind: type[Layer]) -> st.SearchStrategy[Layer]:
    """Layers with small random settings, made from the declaration of their fields."""
    return st.builds(kind, **{info.name: _values(info) for info in fields_of(kind)}).filter(_within_bounds)


def _within_bounds(layer: Layer) -> bool:
    try:
        msgspec.convert(msgspec.to_builtins(layer), type(layer))
    except msgspec.ValidationError:
        return False
    return True


def _values(info: FieldInfo) -> st.SearchStrategy[Any]:
    number: st.SearchStrategy[Any]
    if info.real:
        number = st.sampled_from([1.0, 0.1, 0.5, 1.5, 2.0, 0.0, -1.0])
    else:
        low = int(info.bounds[0] or 0)
        number = st.integers(low, low + 5)
    choice = st.sampled_from(info.choices or ("",))
    pair = st.one_of(number.map(lambda n: (n, n)), st.tuples(number, number))
    row = st.lists(number, min_size=info.length[0], max_size=min(info.length[1] or 4, 4)).map(tuple)
    if info.name == "equation":
        return st.sampled_from(["ij,jk->ik", "abc,abd->acd", "ab,ab->a", "abc,cd->abd", "ij,jk"])
    found: st.SearchStrategy[Any] = {
        "int": number,
        "float": number,
        "bool": st.booleans(),
        "choice": choice,
        "pair": pair,
        "padding": st.one_of(choice, pair),
        "tuple": row,
        "table": st.lists(st.lists(st.integers(1, 3), min_size=1).map(tuple), min_size=1, max_size=4).map(
            tuple
        ),
        "text": st.just("part"),
    }[info.kind]
    return st.one_of(st.none(), found) if info.optional else found
