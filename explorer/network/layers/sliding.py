"""What convolution and pooling have in common: a window that slides over maps in steps."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from explorer.network.layer import Derivation, Layer, Refused, Shape, Window
from explorer.network.sizes import convolved, pooled, unseen


class Axis(msgspec.Struct, frozen=True, gc=False):
    """A window of `span` positions sliding along one axis, `before` and `after` of padding at its ends."""

    size: int
    span: int
    stride: int
    before: int
    after: int
    ceil: bool = False

    @property
    def out(self) -> int:
        """How many windows there are; less than 1 when none fits."""
        if self.ceil:
            return pooled(self.size, self.span, self.stride, self.before, True)
        return convolved(self.size, self.span, self.stride, self.before + self.after)

    @property
    def room(self) -> int:
        """How far the window can move: n + p − f."""
        return self.size + self.before + self.after - self.span


_latest: tuple[Sliding, Shape, tuple[Axis, Axis]] | None = None


class Sliding(Layer, frozen=True):
    """A layer with a window that slides over rows and columns."""

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        """The sliding down and across, over maps of this shape."""
        raise NotImplementedError

    def _axes(self, shape: Shape) -> tuple[Axis, Axis]:
        """`axes`, remembered from one rule of a layer to the next."""
        global _latest
        latest = _latest
        if latest is None or latest[0] is not self or latest[1] is not shape:
            _latest = latest = (self, shape, self.axes(shape))
        return latest[2]

    def slide(self, shape: Shape) -> tuple[int, int]:
        """The output's height and width; Refused when the window fits nowhere."""
        down, across = self._axes(shape)
        rows = down.out
        columns = rows if across is down else across.out
        if rows < 1 or columns < 1:
            self._refuse_kernel(shape, down, across)
        return rows, columns

    def _refuse_kernel(self, shape: Shape, down: Axis, across: Axis) -> None:
        axis, word = (down, "high") if down.out < 1 else (across, "wide")
        pads = axis.before + axis.after
        raise Refused(
            "kernel_too_large",
            f"The kernel spans {axis.span} pixels, but its input is only {axis.size + pads} {word}"
            f"{' with padding' if pads else ''}.",
            spans=(down.span, across.span),
            size=(shape[1], shape[2]),
        )

    def window(self, inputs: Sequence[Shape]) -> tuple[Window, ...] | None:
        down, across = self._axes(inputs[0])
        rows = Window(down.span, down.stride, down.before)
        return rows, rows if across == down else Window(across.span, across.stride, across.before)

    def dropped(self, inputs: Sequence[Shape]) -> tuple[int, ...]:
        return tuple(
            unseen(axis.size, axis.span, axis.stride, axis.before, axis.out) for axis in self.axes(inputs[0])
        )

    def derive(self, shape: Shape, parameters: str = "0", macs: str = "0", note: str = "") -> Derivation:
        """The derivation of the output size, with the counts that the layer words itself."""
        both = self.axes(shape)
        axes = tuple(dict.fromkeys(both))
        uneven = any(axis.before != axis.after for axis in both)
        left, right = ("⌈", "⌉") if both[0].ceil else ("⌊", "⌋")
        notes = [note] if note else []
        notes += dict.fromkeys(said for axis in axes if (said := _last_window(axis)))
        return Derivation(
            formula=f"{left}(n + {'p' if uneven else '2p'} − f) / s{right} + 1",
            substituted=", ".join(_substituted(axis, uneven) for axis in axes),
            steps=tuple(_step(axis) for axis in axes),
            remainder=tuple(axis.room % axis.stride for axis in both),
            dropped=self.dropped((shape,)),
            note=". ".join(notes),
            parameters=parameters,
            macs=macs,
        )


def spans_note(kernel_size: tuple[int, int], spans: tuple[int, int]) -> str:
    """Where f comes from when the kernel is dilated."""
    if kernel_size == spans:
        return ""
    return "f = d·(k − 1) + 1 = " + " and ".join(str(span) for span in dict.fromkeys(spans))


def _substituted(axis: Axis, uneven: bool) -> str:
    left, right = ("⌈", "⌉") if axis.ceil else ("⌊", "⌋")
    padding = f"{axis.before + axis.after}" if uneven else f"2·{axis.before}"
    return f"{left}({axis.size} + {padding} − {axis.span}) / {axis.stride}{right} + 1 = {_unclipped(axis)}"


def _step(axis: Axis) -> str:
    left, right = ("⌈", "⌉") if axis.ceil else ("⌊", "⌋")
    step = f"{left}{axis.room / axis.stride:g}{right} + 1 = {_unclipped(axis)}"
    return step if axis.out == _unclipped(axis) else f"{step}, of which {axis.out} count"


def _unclipped(axis: Axis) -> int:
    """What the formula says, before torch strikes a window that begins outside."""
    return -(-axis.room // axis.stride) + 1 if axis.ceil else axis.out


def _last_window(axis: Axis) -> str:
    """What ceil mode does at the far edge, in words."""
    if not axis.ceil:
        return ""
    if axis.out < _unclipped(axis):
        return "The last window would begin beyond the input, so it is left out"
    hanging = (axis.out - 1) * axis.stride - axis.room
    return f"Ceil mode: the last window hangs {hanging} over the edge and is clipped" if hanging > 0 else ""
