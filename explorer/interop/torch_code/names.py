"""Names that a person would choose: for classes, for modules, for values on their way."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Collection

from explorer.interop.torch_code.expressions import Hint

#: What nn.Module and nn.Sequential keep for themselves; a submodule of such a name gets a line behind it.
RESERVED = {
    "T_destination", "add_module", "append", "apply", "bfloat16", "buffers", "call_super_init",
    "children", "compile", "cpu", "cuda", "double", "dump_patches", "eval", "extend", "extra_repr",
    "float", "forward", "get_buffer", "get_extra_state", "get_parameter", "get_submodule", "half",
    "insert", "ipu", "load_state_dict", "modules", "mtia", "named_buffers", "named_children",
    "named_modules", "named_parameters", "parameters", "pop", "register_backward_hook",
    "register_buffer", "register_forward_hook", "register_forward_pre_hook",
    "register_full_backward_hook", "register_full_backward_pre_hook",
    "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook", "register_module",
    "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to",
    "to_empty", "train", "training", "type", "xpu", "zero_grad",
}  # fmt: skip
_TAKEN = {"self", "torch", "nn", "F", "Tensor", "OrderedDict"} | set(dir(builtins))
_KINDS = {
    "residual, basic": "BasicBlock",
    "residual, bottleneck": "Bottleneck",
    "plain": "PlainBlock",
    "inception, reduced": "Inception",
    "inception, naive": "NaiveInception",
    "mlpconv": "MLPConv",
    "projection": "Projection",
    "padding": "PaddedShortcut",
    "stage": "Stage",
}


def module_name(name: str) -> str:
    """A node's or block's name as nn.Module can hold it."""
    name = name.replace(".", "_").lstrip("_") or "module"
    return f"{name}_" if name in RESERVED else name


def attribute(name: str) -> str:
    """A name that can follow `self.`: conv1 as it is, `my conv` as my_conv, 0 as layer0."""
    name = re.sub(r"\W", "_", module_name(name), flags=re.ASCII).strip("_") or "module"
    if name[0].isdigit():
        name = f"layer{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED else name


def variable(name: str) -> str:
    """A name for a value."""
    name = attribute(name).rstrip("_").lower() or "value"
    return f"{name}_" if keyword.iskeyword(name) or name in _TAKEN else name


def camel(text: str) -> str:
    """`depthwise separable` as DepthwiseSeparable, `LeNet-5 (1998)` as LeNet5_1998."""
    text = re.sub(r"[^\x00-\x7f]", " ", text)
    words = re.findall(r"[A-Za-z0-9]+", text)
    name = ""
    for word in words:
        if name and name[-1].isdigit() and word[0].isdigit():
            name += "_"
        name += word[0].upper() + word[1:]
    return name


def class_name(text: str, taken: Collection[str], default: str) -> str:
    """A class named for `text`."""
    name = camel(text) or default
    if name[0].isdigit():
        name = f"Net{name}"
    return free(name, taken)


def block_class(hints: list[Hint], taken: Collection[str], content: str = "") -> str:
    """A class for blocks: named for their kind or, if they are of several, for their `content` or the first.

    Where another class has that name, the block's own name tells the two apart.
    """
    hint = hints[0]
    kind = hint.kind if len({one.kind for one in hints}) == 1 else ""
    stem = camel(re.sub(r"[\d_.]+$", "", hint.name)) if len(hints) > 1 else camel(hint.name)
    wanted = [_KINDS.get(kind) or camel(kind.split(",")[0]), content, stem, camel(hint.name), "Block"]
    wanted = [name for name in wanted if name and not name[0].isdigit()]
    for name in wanted:
        if name not in taken and name not in _TAKEN:
            return name
    return free(wanted[0], taken)


def free(name: str, taken: Collection[str]) -> str:
    """The name, or with the first free number behind it."""
    found, number = name, 1
    while found in taken or found in _TAKEN:
        number += 1
        found = f"{name}{number}"
    return found
