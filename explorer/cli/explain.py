"""`explorer explain`: the derivation of one layer's numbers."""

from __future__ import annotations

import argparse
import json

from explorer.cli import source
from explorer.cli.table import Paint, paint, tell
from explorer.network import numerals
from explorer.network.errors import UserError
from explorer.network.inference import Inference, Result, infer
from explorer.network.layer import Derivation, Shape
from explorer.zoo import ledger


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("source", metavar="SOURCE", help=source.HELP)
    parser.add_argument("layer", metavar="LAYER", help="its path, e.g. layer1.0.conv1, or its name")
    source.add_input_argument(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write how the layer's sizes and counts come about."""
    loaded = source.load(args.source, args.input)
    inference = infer(loaded.network)
    node = source.find_layer(loaded.network, args.layer)
    inputs, result = _known(inference, node)
    derivation = result.layer.derivation(*inputs)
    if args.json:
        print(
            json.dumps(
                {
                    "formula": derivation.formula,
                    "substituted": derivation.substituted,
                    "remainder": list(derivation.remainder),
                    "dropped_pixels": list(derivation.dropped),
                    "output": list(result.outputs[0]),
                    "parameters_formula": derivation.parameters,
                }
            )
        )
        return 0
    _write(inference, node, inputs, derivation)
    if loaded.entry is not None and args.input is None:
        for difference in ledger.about(loaded.entry.name):
            if difference.layer == loaded.network.path(node):
                tell(f"\n{difference.sentence()}")
    return 0


def _known(inference: Inference, node: str) -> tuple[tuple[Shape, ...], Result]:
    """What goes in and what is known of it; raises UserError where a problem leaves it unknown."""
    result = inference.results[node]
    path = inference.network.path(node)
    if result.refusal is not None:
        raise UserError(f"{path} has no output size: {result.refusal.message}")
    inputs = inference.input_shapes(node)
    if inputs is None or not result.known:
        raise UserError(
            f"{path} has no known input: mend what feeds it first ('explorer summary' shows where)"
        )
    return inputs, result


def _write(inference: Inference, node: str, inputs: tuple[Shape, ...], derivation: Derivation) -> None:
    result = inference.results[node]
    layer = result.layer
    settings = f"  {layer.summary()}" if layer.summary() else ""
    tell(f"{paint(inference.network.path(node), Paint.STRONG)}  {layer.title}{settings}")
    lines = [
        ("input", ", ".join(numerals.shape(shape) for shape in inputs) or "–"),
        ("output", ", ".join(numerals.shape(shape) for shape in result.outputs)),
        ("rule", derivation.formula),
        ("", derivation.substituted),
        *(("", step) for step in derivation.steps),
        ("", derivation.note),
        ("remainder", _remainder(derivation)),
        ("parameters", _counted(derivation.parameters, result)),
        ("MACs", derivation.macs),
        ("memory", f"{numerals.memory(result.activation_bytes)} for one image in float32"),
        ("field", _field(result)),
        ("PyTorch", layer.torch_line(*inputs)),
    ]
    for name, text in lines:
        if text:
            tell(f"  {name:<12}{text}")
    owner = inference.network.sharers(node)[0]
    if owner != node and result.parameters:
        tell(f"  {'weights':<12}shared with {inference.network.path(owner)}, where they are counted")


def _counted(formula: str, result: Result) -> str:
    """The layer's own formula, with the total where it stops at a sum."""
    total = f" = {numerals.grouped(result.parameters)}"
    return formula if not result.parameters or formula.endswith(total) else formula + total


def _remainder(derivation: Derivation) -> str:
    """What the floor cuts off, in words; nothing to say where there is no floor."""
    if not derivation.remainder:
        return ""
    cut = " and ".join(dict.fromkeys(str(left) for left in derivation.remainder))
    text = f"{cut} left over by the floor"
    if any(derivation.dropped):
        lost = zip(derivation.dropped, ("rows", "columns"), strict=False)
        return f"{text}; never seen: {' and '.join(f'{n} {axis}' for n, axis in lost if n)} of the input"
    return text


def _field(result: Result) -> str:
    if not result.field:
        return ""
    sizes = numerals.pair(tuple(axis.size for axis in result.field))
    jumps = numerals.pair(tuple(axis.jump for axis in result.field))
    return f"sees {sizes} pixels of the input; one step is {jumps}"
