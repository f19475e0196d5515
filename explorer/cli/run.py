"""`explorer run`: one forward pass of a picture, layer by layer.

With trained weights it names the likeliest classes; while any weight is random it names none.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from explorer.cli import source, weights
from explorer.cli.parsing import say
from explorer.cli.source import Source
from explorer.cli.table import Paint, paint, tell, write_table
from explorer.network import numerals
from explorer.network.errors import UserError
from explorer.network.inference import Inference, infer
from explorer.network.layer import Shape
from explorer.network.layers.boundary import Input
from explorer.network.problems import find_problems

if TYPE_CHECKING:
    from explorer.interop.classes import ClassScore
    from explorer.interop.execute import NodeRun

SEED = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb."""
    parser.add_argument("source", metavar="SOURCE", help=source.HELP)
    parser.add_argument("image", metavar="IMAGE", help="a picture: JPEG, PNG, WebP, BMP, GIF, TIFF, PPM")
    source.add_input_argument(parser)
    parser.add_argument("--weights", metavar="F", help=weights.HELP)
    parser.add_argument(
        "--top", type=source.positive, default=5, metavar="N", help="classes to name, with trained weights"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """Write what each layer put out and how long it took."""
    loaded = source.load(args.source, args.input)
    inference = infer(loaded.network)
    shape = _picture_shape(loaded, inference)
    from explorer.media.pictures import read_picture

    picture = read_picture(args.image)
    say("loading torch …")
    from explorer.interop.classes import top_classes
    from explorer.interop.execute import run_picture
    from explorer.interop.weights import ready

    if args.weights is not None:
        loaded = replace(loaded, network=weights.with_weights(loaded.network, args.weights))
    module, random = ready(loaded.network, SEED)
    runs = list(run_picture(loaded.network, picture, seed=SEED, module=module))
    vectors = {one.node: one.vector for one in runs if one.vector is not None}
    classes = top_classes(loaded.network, vectors, random, args.top)
    told = Told(_weights_words(loaded, len(random)), classes)
    if args.json:
        print(json.dumps(_to_json(loaded, inference, args.image, shape, runs, told)))
    else:
        _write(loaded, inference, shape, runs, told)
    return 0


class Told(NamedTuple):
    """What the weights are, and the classes that may be named with them."""

    weights: str
    classes: tuple[ClassScore, ...] | None


def _weights_words(loaded: Source, random: int) -> str:
    network = loaded.network
    if not any(node.tensors for node in network.nodes.values()):
        return f"random, seed {SEED}"
    source = network.trained.source if network.trained is not None else "given"
    return f"{source}; {random} layers random, seed {SEED}" if random else source


def _picture_shape(loaded: Source, inference: Inference) -> Shape:
    """The size at which the picture goes in; raises UserError for networks that cannot take one."""
    network = loaded.network
    inputs = [node.layer.shape for node in network.nodes.values() if isinstance(node.layer, Input)]
    fitting = [shape for shape in inputs if len(shape) == 3 and shape[0] in (1, 3)]
    if not fitting:
        sizes = " and ".join(numerals.shape(shape) for shape in inputs)
        what = f"only inputs of {sizes}" if inputs else "no input"
        raise UserError(f"'{loaded.text}' has {what}; a picture needs 1 or 3 channels, height and width")
    if not inference.totals.exact:
        errors = [problem for problem in find_problems(network, inference) if problem.severity == "error"]
        why = f": {errors[0].message}" if errors else ""
        raise UserError(f"'{loaded.text}' has a problem and cannot run{why}")
    return fitting[0]


def _to_json(
    loaded: Source, inference: Inference, image: str, shape: Shape, runs: list[NodeRun], told: Told
) -> dict[str, object]:
    network = loaded.network
    return {
        "name": loaded.name,
        "image": image,
        "input": list(shape),
        "weights": told.weights,
        "classes": None if told.classes is None else [one._asdict() for one in told.classes],
        "seconds": sum(run.seconds for run in runs),
        "layers": [
            {
                "id": run.node,
                "name": network.nodes[run.node].name,
                "type": type(network.nodes[run.node].layer).__name__,
                "output": list(inference.results[run.node].outputs[0]),
                "seconds": run.seconds,
                "mean": _finite(run.mean),
                "std": _finite(run.std),
                "minimum": _finite(run.minimum),
                "maximum": _finite(run.maximum),
                "zero_share": run.zero_share,
            }
            for run in runs
        ],
    }


def _finite(value: float) -> float | None:
    """JSON has no NaN and no infinity."""
    return value if isfinite(value) else None


def _write(loaded: Source, inference: Inference, shape: Shape, runs: list[NodeRun], told: Told) -> None:
    network = loaded.network
    total = sum(run.seconds for run in runs)
    rows = [
        (
            network.path(run.node),
            network.nodes[run.node].layer.title,
            numerals.shape(inference.results[run.node].outputs[0]),
            numerals.duration(run.seconds),
            numerals.share(run.seconds, total),
            f"{run.mean:.3g}",
            f"{run.std:.3g}",
            f"{run.minimum:.3g}",
            f"{run.maximum:.3g}",
            numerals.share(run.zero_share, 1),
        )
        for run in runs
    ]
    tell(f"{paint(network.name, Paint.STRONG)}  picture as {numerals.shape(shape)}")
    headings = ("Layer", "Type", "Output", "Time", "Share", "Mean", "Std", "Min", "Max", "Zeros")
    write_table(headings, rows, frozenset(range(2, len(headings))))
    tell(f"\nOne forward pass: {numerals.duration(total)}.")
    if told.classes is None:
        tell(f"Weights: {told.weights}. No classes are named.")
        return
    tell(f"Weights: {told.weights}.")
    write_table(
        ("Class", "Share"), [(one.name, f"{one.probability:.2%}") for one in told.classes], frozenset({1})
    )
