"""Layers one behind the other that are together one layer of the document."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from explorer.interop.torch_trace.lowering import Plan
from explorer.interop.torch_trace.plan import Planned, Value
from explorer.network.layer import Layer
from explorer.network.layers import (
    AvgPool3d,
    ChannelShuffle,
    ConstantPad,
    Divide,
    Flatten,
    LayerNorm,
    LocalResponseNorm,
    Multiply,
    Permute,
    Power,
    Scale,
    Unflatten,
)


def fuse(plan: Plan) -> None:
    """One layer for a norm of channels by way of channels last, for a shuffle of channels by hand, and for a
    local response norm as exporters write it out.
    """
    fusing = _Fusing(plan)
    for index, planned in enumerate(plan.layers):
        if isinstance(planned.layer, Permute) and planned.layer.dims == (3, 1, 2):
            fusing.norm(index, planned)
        elif planned.layer == Flatten(1, 2):
            fusing.shuffle(index, planned)
        elif isinstance(planned.layer, Divide):
            fusing.response_norm(planned)
    fusing.close()


class _Fusing:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.uses = Counter(value.layer for planned in plan.layers for value in planned.inputs)
        self.uses.update(value.layer for _, value in plan.results)
        #: For layers that go, the one that stands in their place; None where nobody asks.
        self.gone: dict[int, int | None] = {}

    def _before(self, planned: Planned) -> tuple[int, Planned] | None:
        """What feeds a layer, if it feeds nothing else."""
        index = planned.inputs[0].layer
        return (index, self.plan.layers[index]) if self.uses[index] == 1 and index not in self.gone else None

    def norm(self, index: int, last: Planned) -> None:
        """Permute, LayerNorm over the last axis, Permute back."""
        middle = self._before(last)
        if middle is None or not isinstance(middle[1].layer, LayerNorm) or middle[1].layer.over != "last":
            return
        first = self._before(middle[1])
        if first is None or first[1].layer != Permute((2, 3, 1)):
            return
        norm = middle[1]
        norm.layer = replace(norm.layer, over="channels")
        norm.inputs, norm.outputs = first[1].inputs, last.outputs
        self.gone[first[0]], self.gone[index] = None, middle[0]

    def shuffle(self, index: int, last: Planned) -> None:
        """Channels split into groups, both axes swapped, joined again."""
        middle = self._before(last)
        if middle is None or middle[1].layer != Permute((2, 1, 3, 4)):
            return
        first = self._before(middle[1])
        if first is None or not isinstance(first[1].layer, Unflatten) or first[1].layer.dim != 1:
            return
        last.layer, last.inputs = ChannelShuffle(first[1].outputs[0][0]), first[1].inputs
        self.gone[first[0]] = self.gone[middle[0]] = None

    def response_norm(self, last: Planned) -> None:
        """X divided by a power of the mean of its squares over neighbouring channels, scaled and shifted."""
        chain: list[int] = []
        at = last.inputs[1].layer
        while len(chain) < 9 and self.uses[at] == 1 and at not in self.gone:
            chain.append(at)
            if len(self.plan.layers[at].inputs) != 1:
                break
            at = self.plan.layers[at].inputs[0].layer
        layers = [self.plan.layers[index].layer for index in chain]
        if not chain or any(value != last.inputs[0] for value in self.plan.layers[chain[-1]].inputs):
            return
        found = _response_norm(layers)
        if found is not None:
            last.layer, last.inputs = found, last.inputs[:1]
            self.gone.update(dict.fromkeys(chain))

    def close(self) -> None:
        """Leave out what is gone."""
        if not self.gone:
            return
        kept = [index for index in range(len(self.plan.layers)) if index not in self.gone]
        places = {index: place for place, index in enumerate(kept)}

        def moved(value: Value) -> Value:
            stands = self.gone.get(value.layer, value.layer)
            return value._replace(layer=places[value.layer if stands is None else stands])

        self.plan.layers = [self.plan.layers[index] for index in kept]
        for planned in self.plan.layers:
            planned.inputs = tuple(moved(value) for value in planned.inputs)
        self.plan.inputs = [moved(value) for value in self.plan.inputs]
        self.plan.results = [(path, moved(value)) for path, value in self.plan.results]


def _response_norm(layers: list[Layer]) -> LocalResponseNorm | None:
    """The norm of which these are the divisor, from the last layer to the first."""
    match layers:
        case [
            Power() as power,
            *scales,
            Flatten(),
            AvgPool3d() as pool,
            ConstantPad() as pad,
            Unflatten(dim=1, sizes=(1, *_)),
            Multiply(),
        ] if all(isinstance(layer, Scale) and not layer.trainable for layer in scales):
            factor, offset = 1.0, 0.0
            for scale in reversed(scales):
                assert isinstance(scale, Scale)
                factor, offset = factor * scale.factor, offset * scale.factor + scale.offset
            size = pool.kernel_size[0]
            around = (0, 0, 0, 0, size // 2, (size - 1) // 2)
            if pool == AvgPool3d((size, 1, 1), (1, 1, 1)) and pad == ConstantPad(around):
                # files hold single precision: the number that was meant is the shorter one
                return LocalResponseNorm(size, float(f"{factor:.7g}"), power.exponent, float(f"{offset:.7g}"))
    return None
