"""Mends of branches that do not fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from explorer.network import operations as do
from explorer.network.inference import Inference
from explorer.network.layer import Layer, Shape, spell
from explorer.network.layers.convolution import Conv2d
from explorer.network.layers.given import Constant
from explorer.network.layers.merge import Concat
from explorer.network.layers.pooling import MaxPool2d
from explorer.network.layers.resample import Crop, Pad, Upsample
from explorer.network.layers.reshape import Flatten, Reshape
from explorer.network.layers.whole import AdaptiveAvgPool2d
from explorer.network.mends.trial import Idea, Trial, insert_all
from explorer.network.problems import Problem

Fitting = Callable[[Shape, Shape], tuple[Layer, ...] | None]
"""The layers that bring a shape to another; None where this way there are none."""


def at_add(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Bring all branches to the shape of one: by a projection (He 2015), cropping, or zeros."""
    shapes = _shapes(inference, problem)
    for goal in _goals(shapes):
        size = spell(goal)
        title = f"Project to {size} with a 1×1 convolution"
        yield _fitted(inference, problem, goal, title, _project, size)
        yield _zero_channels(inference, problem, goal)
        yield _fitted(inference, problem, goal, f"Crop to {size}", _crop)
        yield _fitted(inference, problem, goal, f"Pad to {size} with zeros", _pad)
        yield _fitted(inference, problem, goal, f"{title} and a crop", _project_and_crop, size)
        yield _fitted(inference, problem, goal, f"Reshape to {size}", _reshape)
    yield from _flattened(inference, problem, shapes)


def at_concat(inference: Inference, problem: Problem) -> Iterator[Idea]:
    """Bring all branches to the height and width of one, the smallest first: crop, pad, pool or resize."""
    shapes = _shapes(inference, problem)
    goals = _goals(shapes)
    for goal in goals:
        size = "×".join(map(str, goal[1:]))
        yield _fitted(inference, problem, goal, f"Crop to {size}", _crop_size)
        yield _fitted(inference, problem, goal, f"Pad to {size} with zeros", _pad_size)
        yield _fitted(inference, problem, goal, f"Pool to {size}", _pool_size)
        yield _fitted(inference, problem, goal, f"Resize to {size}", _resize)
    yield from _flattened(inference, problem, shapes)


def _shapes(inference: Inference, problem: Problem) -> tuple[Shape, ...]:
    assert problem.node is not None
    return inference.input_shapes(problem.node) or ()


def _goals(shapes: tuple[Shape, ...]) -> list[Shape]:
    """The shapes to which all could be brought: maps first, of them the smallest with most channels."""
    return sorted(
        dict.fromkeys(shapes), key=lambda shape: (len(shape) != 3, *shape[1:2], *(-n for n in shape[:1]))
    )


def _fitted(
    inference: Inference, problem: Problem, goal: Shape, title: str, fit: Fitting, kind: str = ""
) -> Idea:
    """Put what `fit` says into each link whose shape is not `goal`."""
    assert problem.node is not None
    links = inference.network.topology.incoming[problem.node]
    shapes = _shapes(inference, problem)

    def act(trial: Trial) -> None:
        for link, shape in zip(links, shapes, strict=True):
            if shape != goal and link.id in trial.network.links:
                insert_all(trial, link.id, fit(shape, goal) or ())

    return Idea(title, act, kind)


def _project(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    """The shortcut of a residual block, option B: a 1×1 convolution with the stride that gives the size."""
    if len(shape) != 3 or len(goal) != 3:
        return None
    stride = _stride(shape, goal)
    return None if stride is None else (Conv2d(goal[0], (1, 1), stride, bias=False),)


def _project_and_crop(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    """For sizes that no stride gives exactly, such as 14 of 29: the next larger one, cropped."""
    if len(shape) != 3 or len(goal) != 3 or shape[1] < goal[1] or shape[2] < goal[2]:
        return None
    high, wide = ((size - 1) // max(wanted - 1, 1) for size, wanted in zip(shape[1:], goal[1:], strict=True))
    stride = max(high, 1), max(wide, 1)
    return Conv2d(goal[0], (1, 1), stride, bias=False), Crop((goal[1], goal[2]))


def _stride(shape: Shape, goal: Shape) -> tuple[int, int] | None:
    found = []
    for size, wanted in zip(shape[1:], goal[1:], strict=True):
        stride = next((s for s in range(1, size + 1) if (size - 1) // s + 1 == wanted), None)
        if stride is None:
            return None
        found.append(stride)
    return found[0], found[1]


def _crop(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    return _crop_size(shape, goal) if shape[0] == goal[0] else None


def _crop_size(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    if len(shape) != 3 or len(goal) != 3:
        return None
    if shape[1:] == goal[1:]:
        return ()
    return (Crop((goal[1], goal[2])),) if shape[1] >= goal[1] and shape[2] >= goal[2] else None


def _pad(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    return _pad_size(shape, goal) if shape[0] == goal[0] else None


def _pad_size(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    if len(shape) != 3 or len(goal) != 3:
        return None
    if shape[1:] == goal[1:]:
        return ()
    rows, columns = goal[1] - shape[1], goal[2] - shape[2]
    if min(rows, columns) < 0:
        return None
    return (Pad((columns // 2, columns - columns // 2, rows // 2, rows - rows // 2)),)


def _pool_size(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    if len(shape) != 3 or len(goal) != 3:
        return None
    if shape[1:] == goal[1:]:
        return ()
    return (AdaptiveAvgPool2d((goal[1], goal[2])),) if shape[1] >= goal[1] and shape[2] >= goal[2] else None


def _resize(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    if len(shape) != 3 or len(goal) != 3:
        return None
    return () if shape[1:] == goal[1:] else (Upsample(size=(goal[1], goal[2])),)


def _reshape(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    """A vector of C weights as C × 1 × 1, which is stretched over the maps."""
    return (Reshape((shape[0], 1, 1)),) if len(shape) == 1 and len(goal) == 3 else None


def _flattened(inference: Inference, problem: Problem, shapes: tuple[Shape, ...]) -> Iterator[Idea]:
    if len({len(shape) for shape in shapes}) > 1:
        yield _fitted(
            inference,
            problem,
            (),
            "Flatten them all",
            lambda shape, _: (Flatten(),) if len(shape) > 1 else (),
        )


def _zero_channels(inference: Inference, problem: Problem, goal: Shape) -> Idea:
    """The shortcut of option A (He 2015): every second pixel, and zeros for the channels that are missing."""
    node = problem.node
    assert node is not None
    links = inference.network.topology.incoming[node]
    shapes = _shapes(inference, problem)

    def act(trial: Trial) -> None:
        for link, shape in zip(links, shapes, strict=True):
            if len(shape) != 3 or len(goal) != 3 or shape[0] >= goal[0] or link.id not in trial.network.links:
                continue
            stride = _stride(shape, goal)
            if stride is None:
                continue
            block = trial.network.nodes[node].block
            zeros = trial.do(
                do.add_layer(
                    trial.network,
                    trial.fresh,
                    Constant((goal[0] - shape[0], *goal[1:])),
                    block=block,
                )
            )
            insert_all(
                trial, link.id, (MaxPool2d((1, 1), stride), Concat()) if stride != (1, 1) else (Concat(),)
            )
            joined = next(
                found.source
                for found in trial.network.topology.incoming[node]
                if found.target_port == link.target_port
            )
            trial.do(do.connect(trial.network, trial.fresh, zeros.nodes[0], 0, joined, 1))

    return Idea(f"Fill up to {spell(goal)} with zero channels", act)
