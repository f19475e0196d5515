"""torchvision's models by name, without weights, and the sizes at which they are looked at."""

from __future__ import annotations

import difflib
import warnings
from typing import Any

import torch
from torch import nn

from explorer.network.errors import UserError
from explorer.network.layer import Shape


def names() -> list[str]:
    """All that torchvision has; detection, segmentation and video among them."""
    from torchvision import models

    return list(models.list_models())


def make(name: str) -> nn.Module:
    """The model in eval mode, empty on the meta device where torchvision can build it there."""
    from torchvision import models

    known = names()
    if name not in known:
        similar = difflib.get_close_matches(name.lower().replace("-", "_"), known, n=3)
        hint = f"did you mean {' or '.join(similar)}?" if similar else "such as resnet50 or convnext_tiny"
        raise UserError(f"torchvision has no model called '{name}'; {hint}")
    options: dict[str, Any] = {"weights": None}
    if "weights_backbone" in _arguments(name):
        options["weights_backbone"] = None
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False  # it is slow, and the weights are not kept
    builder = models.get_model_builder(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # Detection works with real boxes, so it has to have real numbers.
            with torch.device("cpu" if ".detection" in builder.__module__ else "meta"):
                model: nn.Module = models.get_model(name, **options)
        except NotImplementedError:  # RegNet works its widths out with tensors
            model = models.get_model(name, **options)
    return model.eval()


def _arguments(name: str) -> tuple[str, ...]:
    import inspect

    from torchvision import models

    return tuple(inspect.signature(models.get_model_builder(name)).parameters)


def inputs(name: str) -> list[Shape]:
    """The shapes of the usual inputs: of one, or of both pictures whose flow is looked for."""
    from torchvision import models

    module = models.get_model_builder(name).__module__
    return [(3, 520, 960)] * 2 if ".optical_flow" in module else [_size(name, module)]


def _size(name: str, module: str) -> Shape:
    if name == "inception_v3":
        return 3, 299, 299
    if ".video" in module:
        side = 224 if module.rpartition(".")[2] in ("mvit", "swin_transformer", "s3d") else 112
        return 3, 16, side, side
    if ".segmentation" in module:
        return 3, 520, 520
    if ".detection" in module:
        side = 320 if "320" in name or "ssd" in name else 800
        return 3, side, side
    return 3, 224, 224
