"""Small networks that show each thing the canvas can show, and a deep one."""

from __future__ import annotations

from explorer.network.builder import Builder, Source
from explorer.network.graph import Network
from explorer.network.layers import (
    Add,
    BatchNorm,
    Concat,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)


def conv(out: int, size: int = 3, stride: int = 1, padding: int | None = None, bias: bool = False) -> Conv2d:
    pad = size // 2 if padding is None else padding
    return Conv2d(
        out_channels=out, kernel_size=(size, size), stride=(stride, stride), padding=(pad, pad), bias=bias
    )


def chain() -> Network:
    """input → conv (norm, ReLU) → pool → flatten → linear (ReLU, dropout) → linear (softmax)."""
    b = Builder("Chain")
    b.input(3, 32, 32)
    b.add(conv(16, 5), name="conv1")
    b.add(BatchNorm(), name="bn1")
    b.add(ReLU(), name="relu1")
    b.add(MaxPool2d(kernel_size=(2, 2), stride=(2, 2)), name="pool1")
    b.add(Flatten(), name="flatten")
    b.add(Linear(out_features=120), name="fc1")
    b.add(ReLU(), name="relu2")
    b.add(Dropout(), name="drop")
    b.add(Linear(out_features=10), name="fc2")
    b.add(Softmax(), name="softmax")
    return b.network()


def bottleneck(b: Builder, width: int, out: int, stride: int, project: bool) -> None:
    start: Source = b.last or ""
    for index, (channels, size) in enumerate(((width, 1), (width, 3), (out, 1)), 1):
        b.add(conv(channels, size, stride if size == 3 else 1), name=f"conv{index}")
        b.add(BatchNorm(), name=f"bn{index}")
        if index < 3:
            b.add(ReLU(), name=f"relu{index}")
    end: Source = b.last or ""
    if project:
        b.follow(start)
        b.add(conv(out, 1, stride), name="downsample")
        start = b.add(BatchNorm(), name="downsample_bn")
    b.add(Add(), end, start, name="add")
    b.add(ReLU(), name="relu")


def resnet(
    depths: tuple[int, ...] = (3, 8, 36, 3), folded: bool = False, name: str = "ResNet-152"
) -> Network:
    """The bottleneck ResNet; (3, 8, 36, 3) is ResNet-152 with its 513 layers."""
    b = Builder(name)
    b.input(3, 224, 224)
    b.add(conv(64, 7, 2), name="conv1")
    b.add(BatchNorm(), name="bn1")
    b.add(ReLU(), name="relu1")
    b.add(MaxPool2d(kernel_size=(3, 3), stride=(2, 2), padding=(1, 1)), name="pool1")
    for stage, depth in enumerate(depths):
        width = 64 * 2**stage
        with b.block(f"stage{stage + 1}", "residual, bottleneck", folded=folded):
            with b.block("0", "residual, bottleneck", folded=folded):
                bottleneck(b, width, 4 * width, 1 if stage == 0 else 2, True)
            if depth > 1:
                b.repeat(
                    range(1, depth),
                    lambda _, w=width: bottleneck(b, w, 4 * w, 1, False),  # type: ignore[misc]
                    "residual, bottleneck",
                    folded=folded,
                )
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Flatten(), name="flatten")
    b.add(Linear(out_features=1000), name="fc")
    return b.network()


def inception() -> Network:
    """Four branches that a concatenate joins."""
    b = Builder("Inception")
    b.input(192, 28, 28)
    with b.block("inception3a", "inception, reduced"):
        start: Source = "input"
        ends = []
        for name, layers in (
            ("one", (conv(64, 1),)),
            ("three", (conv(96, 1), conv(128, 3))),
            ("five", (conv(16, 1), conv(32, 5))),
            ("pool", (MaxPool2d(kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)), conv(32, 1))),
        ):
            b.follow(start)
            for index, layer in enumerate(layers):
                b.add(layer, name=f"{name}{index}")
                if isinstance(layer, Conv2d):
                    b.add(ReLU(), name=f"{name}{index}_relu")
            ends.append(b.last or "")
        b.add(Concat(), *ends, name="concat")
    b.add(GlobalAvgPool2d(), name="avgpool")
    b.add(Linear(out_features=10), name="fc")
    return b.network()


def broken() -> Network:
    """An add whose inputs differ in shape, and a layer that nothing feeds."""
    b = Builder("Broken")
    start = b.input(3, 64, 64)
    b.add(conv(16, 3), name="conv1")
    b.add(ReLU(), name="relu1")
    skip = b.last or ""
    end = b.add(conv(32, 3, 2), name="conv2")
    b.add(Add(), end, skip, name="add")
    b.add(ReLU(), name="relu2")
    b.add(GlobalAvgPool2d(), name="pool")
    b.add(Linear(out_features=10), name="fc")
    assert start == "input"
    return b.network()
