"""Kin of convolution that share weights less: locally connected, by a table, and trainable subsampling.

MACs: locally connected, every weight once (a matrix product a place); by table, every connected pair of
maps; subsampling none, as all pooling. FlopCounterMode counts the modules of `interop/modules.py` so.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Parameter, Refused, Shape, need_maps
from explorer.network.layers.convolution import Conv2d
from explorer.network.layers.settings import (
    KERNEL,
    PADDING,
    STRIDE,
    Count,
    Padding,
    Pair,
    padded,
    stepping,
)
from explorer.network.layers.sliding import Axis, Sliding
from explorer.network.torch_call import Call, changed, short

#: Which of the six maps of S2 each of the sixteen maps of C3 sees (LeCun 1998, table I).
LENET_C3: tuple[tuple[int, ...], ...] = (
    (0, 1, 2),
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 5),
    (0, 4, 5),
    (0, 1, 5),
    (0, 1, 2, 3),
    (1, 2, 3, 4),
    (2, 3, 4, 5),
    (0, 3, 4, 5),
    (0, 1, 4, 5),
    (0, 1, 2, 5),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)


class LocallyConnected2d(Sliding, frozen=True):
    """A convolution in which every place learns a kernel of its own (DeepFace, Taigman 2014)."""

    family: ClassVar[Family] = Family.CONVOLUTION
    title: ClassVar[str] = "Locally connected"
    torch_name: ClassVar[str] = "LocallyConnected2d"
    keywords: ClassVar[str] = "local unshared convolution deepface"

    out_channels: Annotated[Count, Meta(description="How many maps come out.")] = 16
    kernel_size: Annotated[Pair, KERNEL] = (3, 3)
    stride: Annotated[Pair, STRIDE] = (1, 1)
    padding: Annotated[Padding, PADDING] = "valid"
    bias: Annotated[
        bool, Meta(description="Whether every value of the output gets a trainable number added.")
    ] = True

    def shared(self) -> Conv2d:
        """The convolution of the same sizes that shares its weights."""
        return Conv2d(self.out_channels, self.kernel_size, self.stride, self.padding)

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        return self.shared().axes(shape)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        need_maps(self, inputs[0])
        return self.shared().output(*inputs)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        rows, columns = self.slide(inputs[0])
        seen = inputs[0][0] * prod(self.kernel_size)
        weight = Parameter("weight", (rows * columns, self.out_channels, seen))
        return (
            (weight, Parameter("bias", (self.out_channels, rows, columns), "bias"))
            if self.bias
            else (weight,)
        )

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * inputs[0][0] * prod(self.kernel_size)

    def derivation(self, *inputs: Shape) -> Derivation:
        channels, rows, columns = self.output(*inputs)[0]
        tall, wide = self.kernel_size
        weights = tall * wide * inputs[0][0] * channels * rows * columns
        count = f"weights {tall}·{wide}·{inputs[0][0]}·{channels} at {rows}·{columns} places = {weights:,}"
        return self.derive(
            inputs[0],
            parameters=count + (f" + biases {channels * rows * columns:,}" if self.bias else ""),
            macs=f"{weights:,}: every weight is used once",
        )

    def summary(self) -> str:
        return ", ".join(
            [f"{self.out_channels} · {stepping(self.kernel_size, self.stride)}", *padded(self.padding)]
        )

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(stride=(self.stride, (1, 1)), bias=(self.bias, True))
        down, across = self.axes(inputs[0])
        sides = (across.before, across.after, down.before, down.after)
        return Call(
            "LocallyConnected2d",
            (inputs[0], self.out_channels),
            {"kernel_size": short(self.kernel_size), **settings} | changed(padding=(sides, (0, 0, 0, 0))),
            own=True,
        )


class TableConv2d(Sliding, frozen=True):
    """A convolution in which a table says which input maps an output map sees (LeNet-5's C3, LeCun 1998)."""

    family: ClassVar[Family] = Family.CONVOLUTION
    title: ClassVar[str] = "Convolution by table"
    torch_name: ClassVar[str] = "TableConv2d"
    keywords: ClassVar[str] = "partial connection scheme lenet sparse"

    table: Annotated[
        tuple[
            Annotated[
                tuple[Annotated[int, Meta(ge=0, le=9_999)], ...], Meta(min_length=1, max_length=10_000)
            ],
            ...,
        ],
        Meta(
            min_length=1,
            max_length=10_000,
            description="A row for each output map: the numbers of the input maps that it sees, from 0.",
        ),
    ] = LENET_C3
    kernel_size: Annotated[Pair, KERNEL] = (5, 5)
    stride: Annotated[Pair, STRIDE] = (1, 1)
    padding: Annotated[Padding, PADDING] = "valid"

    def _full(self) -> Conv2d:
        """The convolution of the same sizes in which every map sees every map."""
        return Conv2d(len(self.table), self.kernel_size, self.stride, self.padding)

    def _links(self) -> int:
        """Pairs of an input and an output map that are connected."""
        return sum(len(row) for row in self.table)

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        return self._full().axes(shape)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        channels = need_maps(self, inputs[0])[0]
        needed = max(max(row) for row in self.table) + 1
        if needed > channels:
            raise Refused(
                "wrong_channels",
                f"The table speaks of {needed} input maps, but only {channels} come in.",
                in_channels=channels,
                expected=needed,
            )
        return self._full().output(*inputs)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        return (
            Parameter("weight", (self._links(), 1, *self.kernel_size)),
            Parameter("bias", (len(self.table),), "bias"),
        )

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return self._links() * prod(self.kernel_size) * prod(outputs[0][1:])

    def derivation(self, *inputs: Shape) -> Derivation:
        out = self.output(*inputs)[0]
        rows, columns = self.kernel_size
        weights = rows * columns * self._links()
        return self.derive(
            inputs[0],
            parameters=f"weights {rows}·{columns}·{self._links()} = {weights:,} + biases {out[0]}",
            macs=f"{weights:,} · {out[1]} · {out[2]} = {self.macs(inputs, (out,)):,}",
            note=f"{self._links()} of {inputs[0][0] * out[0]} pairs of maps are connected",
        )

    def summary(self) -> str:
        parts = [f"{len(self.table)} · {stepping(self.kernel_size, self.stride)}", *padded(self.padding)]
        return ", ".join([*parts, f"{self._links()} links"])

    def torch_call(self, *inputs: Shape) -> Call:
        down, across = self.axes(inputs[0])
        sides = (across.before, across.after, down.before, down.after)
        settings = changed(stride=(self.stride, (1, 1)), padding=(sides, (0, 0, 0, 0)))
        kernel = {"kernel_size": short(self.kernel_size)}
        return Call("TableConv2d", (self.table,), kernel | settings, own=True)


class Subsample(Sliding, frozen=True):
    """The sum under the window, times a coefficient, plus a bias, both trained (LeNet-5, LeCun 1998)."""

    family: ClassVar[Family] = Family.POOLING
    title: ClassVar[str] = "Trainable subsampling"
    torch_name: ClassVar[str] = "Subsample"
    keywords: ClassVar[str] = "average pooling lenet coefficient"

    kernel_size: Annotated[Pair, KERNEL] = (2, 2)
    stride: Annotated[Pair, STRIDE] = (2, 2)

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        (rows, columns), (down, across) = self.kernel_size, self.stride
        return Axis(shape[1], rows, down, 0, 0), Axis(shape[2], columns, across, 0, 0)

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        return ((need_maps(self, inputs[0])[0], *self.slide(inputs[0])),)

    def parameters(self, *inputs: Shape) -> tuple[Parameter, ...]:
        channels = inputs[0][:1]
        return Parameter("weight", channels), Parameter("bias", channels, "bias")

    def connections(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * (prod(self.kernel_size) + 1)

    def derivation(self, *inputs: Shape) -> Derivation:
        channels = self.output(*inputs)[0][0]
        return self.derive(
            inputs[0],
            parameters=f"coefficients {channels} + biases {channels}",
            macs="0, as of all pooling",
            note="y = w·(sum of the window) + b",
        )

    def summary(self) -> str:
        return f"sum {stepping(self.kernel_size, self.stride)}"

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(stride=(self.stride, self.kernel_size))
        return Call("Subsample", (inputs[0][0], short(self.kernel_size)), settings, own=True)
