"""How to train: typed and bounded settings. Knows no torch, so that the window can hold them."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from explorer.network.errors import UserError


class Optimizer(StrEnum):
    """How weights follow the gradient."""

    SGD = "sgd"
    ADAM = "adam"
    ADAMW = "adamw"
    RMSPROP = "rmsprop"


class Schedule(StrEnum):
    """How the learning rate goes over the training; a warm-up can come before each."""

    CONSTANT = "constant"
    STEP = "step"
    COSINE = "cosine"
    ONE_CYCLE = "one-cycle"


class Augment(StrEnum):
    """What is done to a picture, anew each time it is learned from."""

    FLIP = "flip"
    CROP = "crop"


class TrainSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one training. `changed` checks bounds; the constructor, as msgspec's, does not."""

    epochs: Annotated[int, Meta(ge=1, le=10_000, description="Passes over all training pictures.")] = 12
    batch_size: Annotated[int, Meta(ge=1, le=65_536, description="Pictures a step.")] = 64
    optimizer: Annotated[Optimizer, Meta(description="How weights follow the gradient.")] = Optimizer.SGD
    lr: Annotated[float, Meta(gt=0, le=100, description="The learning rate at its height.")] = 0.05
    momentum: Annotated[float, Meta(ge=0, lt=1, description="SGD and RMSprop: the share kept.")] = 0.9
    nesterov: Annotated[bool, Meta(description="SGD looks ahead along its momentum.")] = True
    weight_decay: Annotated[float, Meta(ge=0, le=1, description="Pulls weights towards 0.")] = 5e-4
    schedule: Annotated[Schedule, Meta(description="How the learning rate goes.")] = Schedule.COSINE
    step_epochs: Annotated[int, Meta(ge=1, le=10_000, description="Step: epochs between two falls.")] = 30
    step_factor: Annotated[float, Meta(gt=0, le=1, description="Step: what a fall multiplies by.")] = 0.1
    warmup: Annotated[float, Meta(ge=0, le=1000, description="Epochs in which the rate rises.")] = 0.0
    label_smoothing: Annotated[float, Meta(ge=0, lt=1, description="Share given to all classes.")] = 0.0
    clip: Annotated[float, Meta(ge=0, le=1e6, description="Greatest norm of the gradient; 0: any.")] = 0.0
    augment: Annotated[tuple[Augment, ...], Meta(description="Pictures changed at random.")] = ()
    seed: Annotated[int, Meta(ge=0, lt=2**32, description="Repeats a training on a CPU exactly.")] = 0
    device: Annotated[str, Meta(pattern=r"^(auto|cpu|mps|cuda(:\d{1,3})?)$", description="Where.")] = "auto"
    threads: Annotated[int, Meta(ge=0, le=1024, description="Of the CPU; 0: all cores but one.")] = 0
    freeze: Annotated[
        tuple[str, ...], Meta(description="Layers that keep their weights: paths, or with *.")
    ] = ()
    mixed_precision: Annotated[bool, Meta(description="bfloat16 where a CUDA device has it.")] = False


LENET5 = TrainSettings()
"""LeNet-5 on the embedded sample: over 85 % of the validation pictures right in a minute on one core."""

LEARNING_RATES = {
    Optimizer.SGD: 0.05,
    Optimizer.ADAM: 1e-3,
    Optimizer.ADAMW: 1e-3,
    Optimizer.RMSPROP: 1e-3,
}
"""What to begin with where nobody chose a rate."""


def changed(settings: TrainSettings, changes: dict[str, Any]) -> TrainSettings:
    """The settings with some changed and all checked. Raises UserError naming the setting and its bounds."""
    values = {**msgspec.to_builtins(settings), **changes}
    for name in changes:
        try:
            msgspec.convert({name: values[name]}, TrainSettings)
        except msgspec.ValidationError as error:
            if name == "device":
                raise UserError(
                    f"device {changes[name]}: write auto, cpu, mps, cuda, or cuda:1 for the second GPU"
                ) from None
            reason = str(error).partition(" - at ")[0].replace("`", "")
            reason = reason.replace(">=", "≥").replace("<=", "≤")
            raise UserError(
                f"{name.replace('_', ' ')} {changes[name]}: {reason[0].lower()}{reason[1:]}"
            ) from None
    return msgspec.convert(values, TrainSettings)


def usual_threads() -> int:
    """All cores but one: the last one keeps the window alive."""
    return max(1, (os.cpu_count() or 2) - 1)
