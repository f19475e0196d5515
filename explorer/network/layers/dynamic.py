"""Convolution with kernels that are no weights of its own but come from another branch."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar

from msgspec import Meta

from explorer.network.layer import Derivation, Family, Refused, Shape, Window, need_maps, spell
from explorer.network.layers.convolution import Conv2d
from explorer.network.layers.settings import DILATION, STRIDE, Count, Pads, Pair, brief
from explorer.network.layers.sliding import Axis, Sliding
from explorer.network.torch_call import Call, changed


class DynamicConv2d(Sliding, frozen=True):
    """A convolution with kernels from its second input: fixed ones, or mixed for each picture (Yang 2019)."""

    family: ClassVar[Family] = Family.CONVOLUTION
    title: ClassVar[str] = "Dynamic convolution"
    torch_name: ClassVar[str] = "DynamicConv2d"
    arity: ClassVar[tuple[int, int | None]] = (2, 2)
    keywords: ClassVar[str] = "conv fixed kernel blur pool condconv conditional functional branch"

    stride: Annotated[Pair, STRIDE] = (1, 1)
    padding: Annotated[Pads, Meta(description="Rows and columns of zeros around the input.")] = (0, 0)
    dilation: Annotated[Pair, DILATION] = (1, 1)
    groups: Annotated[
        Count, Meta(description="Channels are split into so many groups that do not see each other.")
    ] = 1

    def _convolution(self, inputs: Sequence[Shape]) -> Conv2d:
        """The convolution that this is with these kernels (out, in / groups, height, width)."""
        channels, kernel = need_maps(self, inputs[0])[0], inputs[1]
        if len(kernel) != 4 or kernel[1] * self.groups != channels:
            raise Refused(
                "unequal_shapes",
                f"Kernels for {channels} channels in {self.groups} groups are N × {channels // self.groups} "
                f"× height × width, but {spell(kernel)} comes in.",
                shapes=tuple(inputs),
            )
        return Conv2d(
            kernel[0], (kernel[2], kernel[3]), self.stride, self.padding, self.dilation, self.groups, False
        )

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        raise NotImplementedError  # they depend on the second input

    def output(self, *inputs: Shape) -> tuple[Shape, ...]:
        return self._convolution(inputs).output(inputs[0])

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> int:
        return prod(outputs[0]) * prod(inputs[1][1:])

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        return self._convolution(inputs).window(inputs[:1])

    def dropped(self, inputs: Sequence[Shape]) -> tuple[int, ...]:
        return self._convolution(inputs).dropped(inputs[:1])

    def derivation(self, *inputs: Shape) -> Derivation:
        found = self._convolution(inputs)
        macs = f"{self.macs(inputs, found.output(inputs[0])):,}"
        return found.derive(inputs[0], macs=macs, note="It has no weights of its own")

    def summary(self) -> str:
        parts = [f"/ {brief(self.stride)}"] if self.stride != (1, 1) else []
        if self.groups != 1:
            parts.append(f"{self.groups} groups")
        return ", ".join(parts)

    def torch_call(self, *inputs: Shape) -> Call:
        settings = changed(
            stride=(self.stride, (1, 1)),
            padding=(self.padding, (0, 0)),
            dilation=(self.dilation, (1, 1)),
            groups=(self.groups, 1),
        )
        return Call("DynamicConv2d", (), settings, own=True)
