"""What a torch function is called, and what it does with its arguments."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

#: What is a layer even where it hands its input on.
KEPT = frozenset(
    {
        "dropout",
        "dropout1d",
        "dropout2d",
        "dropout3d",
        "feature_dropout",
        "alpha_dropout",
        "feature_alpha_dropout",
    }
)


def name_of(func: Any) -> str:
    """One name for `torch.relu`, `Tensor.relu_`, `F.relu` and `aten.relu.default`."""
    schema = getattr(func, "_schema", None)
    if schema is not None:
        space, _, name = schema.name.partition("::")
        return str(name if space == "aten" else schema.name).strip("_")
    name = str(getattr(func, "__name__", None) or func)
    if name == "__get__":
        return f"get {getattr(func.__self__, '__name__', '')}"
    return name.strip("_")


def writes(func: Any, name: str, args: tuple[Any, ...], out: Any) -> bool:
    """Whether a call changes its first argument, as `add_` and `+=` do."""
    if name == "setitem":
        return True
    if not (isinstance(out, Tensor) and args and out is args[0]):
        return False
    schema = getattr(func, "_schema", None)
    raw = schema.name if schema is not None else getattr(func, "__name__", "")
    dunder = raw.startswith("__i") and raw.endswith("__")
    plain = raw.endswith("_") and not raw.endswith("__")
    return dunder or plain or name in _MAYBE_IN_PLACE


#: Functions of `torch.nn.functional` with an argument `inplace`; it was used if they gave back their input.
_MAYBE_IN_PLACE = frozenset(
    (
        *("relu", "relu6", "hardtanh", "elu", "selu", "celu", "leaky_relu", "rrelu", "silu", "mish"),
        *("hardswish", "hardsigmoid", "threshold"),
    )
)


def has_tensor(out: Any, func: Any) -> bool:
    """Whether a tensor came out, or one was written into."""
    if isinstance(out, Tensor):
        return True
    if isinstance(out, tuple | list):
        return any(isinstance(item, Tensor) for item in out) and type(out) is not torch.Size
    return out is None and getattr(func, "__name__", "") == "__setitem__"


#: What holds one number everywhere, whatever tensor it takes the shape or the type from.
FILLS = {
    "zeros": 0.0,
    "new_zeros": 0.0,
    "zeros_like": 0.0,
    "ones": 1.0,
    "new_ones": 1.0,
    "ones_like": 1.0,
}

#: What hands its input on, whatever it is called.
PASSING = frozenset(
    (
        *("contiguous", "clone", "detach", "detach_copy", "alias", "alias_copy", "get data", "requires_grad"),
        *(
            "to",
            "_to_copy",
            "to_copy",
            "float",
            "double",
            "half",
            "bfloat16",
            "type",
            "type_as",
            "cpu",
            "cuda",
        ),
        *("lift_fresh", "lift_fresh_copy", "as_tensor", "resolve_conj", "resolve_neg"),
    )
)
