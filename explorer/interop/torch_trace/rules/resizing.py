"""Enlarging, shrinking and padding of maps."""

from __future__ import annotations

from math import floor
from typing import Any, Literal, cast

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value
from explorer.interop.torch_trace.recording import Ref
from explorer.interop.torch_trace.rules.settings import pair
from explorer.network.layers import (
    ConstantPad,
    Pad,
    PadToMultiple,
    PixelShuffle,
    PixelUnshuffle,
    ResizeLike,
    SamePad2d,
    Upsample,
)


def interpolate(
    op: Op,
    input: Ref,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Value:
    """F.interpolate, by a factor, to a size, or to the size of another tensor."""
    if antialias or len(op.value(input).shape) != 3:
        raise Unfit("it is not of maps, or smooths before it shrinks")
    wanted = input.shape[-2:], op.out.shape[-2:]
    if size is not None and _varies(op):
        like = op.of_size(op.out)
        if like is None:
            return op.add(_scaled(op, *wanted, mode, bool(align_corners)), input)
        if mode not in ("nearest", "nearest-exact", "bilinear", "bicubic", "area"):
            raise Unfit("its mode is unusual")
        kind = cast(Literal["nearest", "nearest-exact", "bilinear", "bicubic", "area"], mode)
        return op.add(ResizeLike(kind, bool(align_corners)), input, like)
    if mode not in ("nearest", "bilinear"):
        raise Unfit("its mode is unusual")
    kind2 = cast(Literal["nearest", "bilinear"], mode)
    if size is not None:
        return op.add(Upsample(size=pair(size), mode=kind2, align_corners=bool(align_corners)), input)
    factors = (scale_factor,) * 2 if isinstance(scale_factor, int | float) else tuple(scale_factor)
    layer = Upsample((float(factors[0]), float(factors[-1])), None, kind2, bool(align_corners))
    return op.add(layer, input)


def _varies(op: Op) -> bool:
    """Whether the size that comes out follows the picture's."""
    return op.twin is not None and op.twin.outputs[0].shape[-2:] != op.out.shape[-2:]


def _scaled(
    op: Op, before: tuple[int, ...], after: tuple[int, ...], mode: str, align_corners: bool
) -> Upsample:
    """The factor that explains both runs."""
    assert op.twin is not None
    if mode not in ("nearest", "bilinear"):
        raise Unfit("its mode is unusual")
    others = zip(op.twin.inputs[0].shape[-2:], op.twin.outputs[0].shape[-2:], strict=True)
    factors = tuple(big / small for small, big in zip(before, after, strict=True))
    if any(floor(small * factor) != big for factor, (small, big) in zip(factors, others, strict=True)):
        raise Unfit("its size follows the picture's in a way of its own")
    return Upsample((factors[0], factors[1]), None, cast(Literal["nearest", "bilinear"], mode), align_corners)


def upsample(
    op: Op, input: Ref, output_size: Any = None, *rest: Any, scale_factors: Any = None, **named: Any
) -> Value:
    """aten.upsample_nearest2d and upsample_bilinear2d."""
    bilinear = "bilinear" in op.call.name
    corners = bool(rest[0]) if bilinear and rest else bool(named.get("align_corners", False))
    factors = (
        scale_factors
        if scale_factors is not None
        else rest[-1]
        if rest and isinstance(rest[-1], list)
        else None
    )
    return interpolate(
        op,
        input,
        output_size if factors is None else None,
        factors,
        "bilinear" if bilinear else "nearest",
        corners,
    )


def pad(op: Op, input: Ref, pad: Any, mode: str = "constant", value: float | None = None) -> Value:
    """F.pad."""
    sides = tuple(int(side) for side in pad)
    fill = 0.0 if value is None else float(value)
    found = op.value(input)
    other = (
        tuple(int(side) for side in op.twin.args[1])
        if op.twin is not None and len(op.twin.args) > 1
        else sides
    )
    if mode == "constant" and (sides != other or not any(sides)):
        return _following(op, input, found, sides, other, fill)
    if len(found.shape) == 3 and len(sides) in (2, 4) and min(sides) >= 0 and found.batch == 0:
        four = (*sides, 0, 0)[:4]
        kind = cast(Literal["constant", "reflect", "replicate", "circular"], mode)
        return op.add(Pad((four[0], four[1], four[2], four[3]), kind, fill), input)
    if mode != "constant":
        raise Unfit("it pads other things than maps")
    if found.batch not in (0, None) or len(sides) // 2 > len(found.shape):
        raise Unfit("it pads along the batch")
    return op.add(ConstantPad(sides, fill), input)


def _following(
    op: Op, input: Ref, found: Value, sides: tuple[int, ...], other: tuple[int, ...], fill: float
) -> Value:
    """Padding that depends on the input's size: up to a multiple, or for the window that comes next."""
    if not any(sides) and not any(other) and op.twin is not None:
        return found
    window = op.next_window()
    if window is not None and len(found.shape) == 3 and op.twin is not None:
        kernel, stride, dilation = window
        layer = SamePad2d(kernel, stride, dilation, fill)
        if (
            _pads(layer, input) == (*sides, 0, 0)[:4]
            and _pads(layer, op.twin.inputs[0]) == (*other, 0, 0)[:4]
        ):
            return op.add(layer, input)
    if not any(sides[::2]) and not any(other[::2]) and fill == 0 and op.twin is not None:
        multiple = _multiple(op, input, sides, other)
        if multiple is not None:
            return op.add(multiple, input)
    if not any(sides):
        return found
    return op.add(ConstantPad(sides, fill), input)


def _pads(layer: SamePad2d, ref: Ref) -> tuple[int, ...]:
    rows, columns = layer.missing(ref.shape[-3:])
    return columns // 2, columns - columns // 2, rows // 2, rows - rows // 2


def _multiple(op: Op, input: Ref, sides: tuple[int, ...], other: tuple[int, ...]) -> PadToMultiple | None:
    """The multiple that explains what both runs put behind the values."""
    assert op.twin is not None
    behind, behind_twin = sides[1::2], other[1::2]
    dims = [
        len(input.shape) - 1 - index for index in range(len(behind)) if behind[index] or behind_twin[index]
    ]
    twin = op.twin.inputs[0].shape
    for multiple in (2, 4, 7, 8, 14, 16, 32, 64, *range(3, 130)):
        fits = all(
            -input.shape[len(input.shape) - 1 - index] % multiple == behind[index]
            and -twin[len(input.shape) - 1 - index] % multiple == behind_twin[index]
            for index in range(len(behind))
            if len(input.shape) - 1 - index in dims
        )
        if fits:
            return PadToMultiple(multiple, tuple(sorted(op.axis(input, dim) for dim in dims)))
    return None


def pixel_shuffle(op: Op, input: Ref, upscale_factor: int) -> Value:
    """F.pixel_shuffle."""
    return op.add(PixelShuffle(upscale_factor), input)


def pixel_unshuffle(op: Op, input: Ref, downscale_factor: int) -> Value:
    """F.pixel_unshuffle."""
    return op.add(PixelUnshuffle(downscale_factor), input)


RULES: dict[str, Rule] = {
    "interpolate": interpolate,
    "upsample": interpolate,
    "upsample_nearest2d": upsample,
    "upsample_bilinear2d": upsample,
    "pad": pad,
    "constant_pad_nd": lambda op, input, pads, value=0.0: pad(op, input, pads, "constant", value),
    "pixel_shuffle": pixel_shuffle,
    "pixel_unshuffle": pixel_unshuffle,
}
