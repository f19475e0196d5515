"""SFace's encoder: from an aligned face to 128 numbers (Zhong, Deng, Hu, Zhao, Li, Wen 2021).

MobileNet v1 (Howard et al. 2017) without its classifier: every 3×3 convolution sees one channel, and a 1×1
convolution mixes them. Names follow the published file, so that its weights find their places.
"""

from __future__ import annotations

from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import BatchNorm, Conv2d, Flatten, PReLU, Scale
from explorer.network.shorthand import conv, linear

#: Channels and stride of each pair of convolutions; the first pair is the published file's conv_2.
PAIRS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *[(512, 1)] * 5,
    (1024, 2),
    (1024, 1),
)


def sface() -> Network:
    """The input is an aligned chip, RGB from 0 to 1; the output is the embedding before it is made unit."""
    b = Builder("SFace")
    b.input(3, 112, 112)
    b.add(Scale(255 / 128, -127.5 / 128), name="normalize")
    with b.block("conv_1", kind="stem"):
        _convolution(b, conv(32, 3, padding=1, bias=False))
    channels = 32
    for number, (out_channels, stride) in enumerate(PAIRS, start=2):
        with b.block(f"conv_{number}_dw", kind="depthwise"):
            _convolution(b, conv(channels, 3, stride, padding=1, groups=channels, bias=False))
        with b.block(f"conv_{number}", kind="pointwise"):
            _convolution(b, conv(out_channels, 1, bias=False))
        channels = out_channels
    b.add(BatchNorm(eps=2e-5), name="bn1")
    b.add(Flatten(), name="flatten")
    b.add(linear(128), name="pre_fc1")
    b.add(BatchNorm(eps=2e-5), name="fc1")
    return b.network()


def _convolution(b: Builder, layer: Conv2d) -> None:
    b.add(layer, name="conv2d")
    b.add(BatchNorm(eps=1e-3), name="batchnorm")
    b.add(PReLU(), name="relu")
