"""The kinds of settings that layers have, with their bounds, and how a card writes them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Step = Annotated[int, Meta(ge=1, le=10_000)]
Pad = Annotated[int, Meta(ge=0, le=10_000)]
Pair = tuple[Step, Step]
Pads = tuple[Pad, Pad]
Padding = Literal["valid", "same"] | Pads
PaddingMode = Literal["zeros", "reflect", "replicate", "circular"]
Share = Annotated[float, Meta(ge=0, le=1)]
Number = Annotated[float, Meta(ge=-1e6, le=1e6)]
Positive = Annotated[float, Meta(gt=0, le=1e6)]
Axis = Annotated[int, Meta(ge=1, le=8)]
Size = Annotated[int, Meta(ge=1, le=1_000_000)]
Shaped = Annotated[tuple[Size, ...], Meta(min_length=1, max_length=4)]
AnyShape = Annotated[tuple[Size, ...], Meta(min_length=1, max_length=8)]

KERNEL = Meta(description="Height and width of the window that slides over the maps.")
STRIDE = Meta(description="How far the window moves, down and across; 2 halves the size.")
PADDING = Meta(
    description="Around the input: nothing (valid), what keeps the size (same), or rows and columns."
)
PADS = Meta(description="Rows and columns put around the input, at each end; at most half the window.")
DILATION = Meta(description="Distance between the positions under the window; 1 is a window without gaps.")
BIAS = Meta(
    description="Whether every output channel gets a trainable number added; needless before batch norm."
)
CEIL = Meta(description="Whether a last window that hangs over the edge counts too, as in Caffe.")
EPS = Meta(description="Small number added under the root, against division by zero.")


def by(pair: tuple[object, object]) -> str:
    """`3×3`."""
    return f"{pair[0]}×{pair[1]}"


def brief(pair: tuple[object, object]) -> str:
    """`3` for two threes, else `3×5`."""
    return str(pair[0]) if pair[0] == pair[1] else by(pair)


def stepping(kernel_size: tuple[int, int], stride: tuple[int, int]) -> str:
    """`3×3 / 2`; a stride of 1 goes without saying."""
    return by(kernel_size) if stride == (1, 1) else f"{by(kernel_size)} / {brief(stride)}"


def padded(padding: Padding) -> tuple[str, ...]:
    """`same`, `pad 1` or nothing."""
    if padding == "same":
        return ("same",)
    if padding in ("valid", (0, 0)):
        return ()
    return (f"pad {brief((padding[0], padding[1]))}",)
