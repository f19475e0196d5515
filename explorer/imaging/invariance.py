"""How networks bear distorted pictures; which layers move with a shift, which forgive it. Loads torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from explorer.imaging.distortions import Distortion, Kind, distort
from explorer.imaging.subject import Check, Subject, never
from explorer.media.pictures import Picture
from explorer.network.inference import AxisField
from explorer.network.layer import Family

AMOUNTS = 17
MOST_LAYERS = 12
"""Layers of a by-layer figure; of more, every second (third, …) is left out."""
_TOLD = (Family.CONVOLUTION, Family.POOLING, Family.DENSE)


@dataclass(frozen=True, eq=False)
class Curve:
    """One network against the amount of one distortion; all arrays have one value an amount.

    `probability` is the mean of the class that is meant, `right` the share of pictures that are put into it,
    `distance` the mean of ‖features − features of the undistorted‖ / ‖those‖.
    """

    amounts: NDArray[np.float64]
    probability: NDArray[np.float64]
    right: NDArray[np.float64]
    distance: NDArray[np.float64]
    pictures: int


def scores_and_features(
    subject: Subject, pictures: Sequence[Picture], check: Check = never
) -> tuple[Tensor, Tensor]:
    """(n, classes) probabilities and (n, F): what the layer of the scores is given. Raises UserError."""
    scores_node = subject.scores
    features_node = subject.network.topology.incoming[scores_node][0].source
    batch = _batch(subject, pictures)
    scores = features = None
    with torch.no_grad(), subject.lock:
        for node, value in subject.run(batch, check, scores_node):
            features = value if node == features_node else features
            scores = value
    assert scores is not None
    assert features is not None
    return scores.softmax(1), features.flatten(1)


def curve(
    subject: Subject,
    pictures: Sequence[Picture],
    labels: Sequence[int] | None,
    kind: Kind,
    base: Distortion,
    check: Check = never,
    amounts: int = AMOUNTS,
) -> Iterator[tuple[float, Curve | None]]:
    """Yields (share done, None) after each amount, and at last the whole.

    `pictures` are seen as the network sees them and distorted at that size, by `base` with other amounts of
    `kind`. Without labels, the class that is meant is the one found for the picture as `base` leaves it with
    none of `kind`.
    """
    seen = [subject.seen(subject.inputs(picture)) for picture in pictures]
    plain = [distort(picture, base.with_amount(kind.name, kind.neutral)) for picture in seen]
    first, reference = scores_and_features(subject, plain, check)
    meant = first.argmax(1) if labels is None else torch.tensor(list(labels))
    norm = reference.norm(dim=1).clamp_min(1e-12)
    places = kind.amounts(amounts)
    rows: list[tuple[float, float, float]] = []
    for index, amount in enumerate(places):
        changed = [distort(picture, base.with_amount(kind.name, amount)) for picture in seen]
        probabilities, features = scores_and_features(subject, changed, check)
        mean = probabilities.gather(1, meant[:, None]).mean()
        right = (probabilities.argmax(1) == meant).double().mean()
        far = ((features - reference).norm(dim=1) / norm).mean()
        rows.append((float(mean), float(right), float(far)))
        yield (index + 1) / len(places), None
    table = np.array(rows).T
    yield 1.0, Curve(np.array(places), table[0], table[1], table[2], len(pictures))


@dataclass(frozen=True)
class LayerShift:
    """What a shift of the picture does to one layer.

    `changed` is ‖f(shifted) − f‖ / ‖f‖: 0 for an invariant layer. `unmoved` is ‖f(shifted) − shifted f‖ /
    ‖shifted f‖: 0 for an equivariant one, whose maps move with the picture; None for layers without places.
    """

    node: str
    path: str
    family: Family
    changed: float
    unmoved: float | None


def by_layer(
    subject: Subject, pictures: Sequence[Picture], pixels: int, check: Check = never
) -> tuple[LayerShift, ...]:
    """For convolutions, poolings, fully connected layers; `pixels` (> 0) to the right; means over pictures.

    Maps are moved by `pixels` / jump places, with linear interpolation between two. `unmoved` is of the units
    that see neither what came in at the left nor what lies beyond the right edge.
    """
    width = subject.shape[2]
    seen = [subject.seen(subject.inputs(picture)) for picture in pictures]
    moved = [distort(picture, Distortion(shift=pixels / width)) for picture in seen]
    wanted = _told_layers(subject)
    values: dict[str, tuple[Tensor, Tensor]] = {}
    with torch.no_grad(), subject.lock:
        before = {node: value for node, value in subject.run(_batch(subject, seen), check) if node in wanted}
        for node, value in subject.run(_batch(subject, moved), check):
            if node in wanted:
                values[node] = before.pop(node), value
    found = []
    for node in wanted:
        if node not in values:
            continue
        plain, after = values[node]
        field = subject.inference.results[node].field
        unmoved = None
        if plain.dim() == 4 and plain.shape[3] > 1 and field is not None and len(field) == 2:
            unmoved = _unmoved(plain, after, pixels, field[1], width)
        layer = subject.network.nodes[node].layer
        changed = _relative(after, plain)
        found.append(LayerShift(node, subject.network.path(node), layer.family, changed, unmoved))
    return tuple(found)


def _told_layers(subject: Subject) -> tuple[str, ...]:
    nodes = subject.network.nodes
    told = [
        node
        for node in subject.network.topology.order
        if nodes[node].layer.family in _TOLD and not nodes[node].training_only
    ]
    step = -(-len(told) // MOST_LAYERS)
    return tuple(told[:: step or 1])


def _unmoved(plain: Tensor, after: Tensor, pixels: int, field: AxisField, width: int) -> float | None:
    """How far maps are from having moved with the picture; None where every unit sees an edge of it."""
    whole, part = divmod(pixels / field.jump, 1)
    columns = [
        column
        for column in range(int(whole) + (part > 0), plain.shape[3])
        if field.low + column * field.jump >= pixels and field.low + column * field.jump + field.size <= width
    ]
    if not columns:
        return None
    places = torch.tensor(columns)
    near = plain[..., places - int(whole)]
    far = plain[..., places - int(whole) - 1] if part else near
    return _relative(after[..., places], near * (1 - part) + far * part)


def _relative(value: Tensor, reference: Tensor) -> float:
    """The mean over a batch of ‖value − reference‖ / ‖reference‖."""
    norm = reference.flatten(1).norm(dim=1).clamp_min(1e-12)
    return float(((value - reference).flatten(1).norm(dim=1) / norm).mean())


def _batch(subject: Subject, pictures: Sequence[Picture]) -> tuple[Tensor, ...]:
    """Pictures of the network's own size, as one batch for every input."""
    each = [subject.inputs(picture) for picture in pictures]
    return tuple(torch.cat(parts) for parts in zip(*each, strict=True))
