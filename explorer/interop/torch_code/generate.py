"""Generating the file: imports, our own modules where they are needed, a class for each kind of block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from explorer.interop.torch_code import foreign, own_modules
from explorer.interop.torch_code.expressions import Chain, Expression, Make, Run
from explorer.interop.torch_code.names import class_name, variable
from explorer.interop.torch_code.program import ClassCode, Program
from explorer.interop.torch_code.repeats import name_repeats
from explorer.interop.torch_code.scopes import Scopes
from explorer.interop.torch_code.sharing import check_sharing
from explorer.interop.torch_code.text import class_lines
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.network.layer import spell
from explorer.network.layers import Input, Opaque
from explorer.network.results import result_nodes


@dataclass(frozen=True)
class Code:
    """Python source. `name` is the class of the network, made without arguments.

    `modules` says under which name that class knows each node's module, by the node's id, and `tensors` that
    of the parameter that a node is; layers that are an operator in the code have none.
    """

    text: str
    name: str
    modules: Mapping[str, str]
    tensors: Mapping[str, str]


def generate(network: Network, inference: Inference | None = None) -> Code:
    """The code of a whole network. Raises UserError for one that cannot run, naming the first problem."""
    inference = inference if inference is not None else infer(network)
    _check(network, inference)
    scopes = Scopes(network, inference, (*result_nodes(network, False), *result_nodes(network, True)))
    check_sharing(scopes, inference)
    name = class_name(network.name, own_modules.every_name(), "Network")
    own_names = set(own_modules.every_name())
    program = Program(scopes, inference, name, own_names)
    classes = name_repeats(program.classes, {*own_names, name, *(code.name for code in program.classes)})
    inputs = [node for node in network.nodes.values() if isinstance(node.layer, Input)]
    arguments = ("x",) if len(inputs) == 1 else tuple(variable(node.name) for node in inputs)
    body: list[str] = []
    for code in classes:
        top = code is classes[-1]
        body += [
            "",
            "",
            *class_lines(code, arguments if top else None, _title(network, inference) if top else ""),
        ]
    text = "\n".join([*_head(classes, body), *body]) + "\n"
    return Code(text, name, *program.paths())


def _check(network: Network, inference: Inference) -> None:
    if not network.nodes:
        raise UserError("The network is empty: add an input and layers first.")
    for node in (*network.topology.order, *sorted(network.topology.cyclic)):
        refusal = inference.results[node].refusal
        if refusal is not None:
            raise UserError(f"{network.path(node)}: {refusal.message}")
    for node in network.topology.order:
        found = network.nodes[node]
        if isinstance(found.layer, Opaque):
            raise UserError(f"{network.path(node)} is known only by its shapes, so there is no code for it.")
        sources = [network.nodes[link.source] for link in network.topology.incoming[node]]
        if not found.training_only and any(source.training_only for source in sources):
            raise UserError(
                f"{network.path(node)} needs a layer that only training has: mark it as training-only too."
            )


def _title(network: Network, inference: Inference) -> str:
    shapes = [node.layer.shape for node in network.nodes.values() if isinstance(node.layer, Input)]
    parts = [network.name.replace("\\", " ").replace('"', "'") or "A network"]
    if shapes:
        parts.append(f"for {' and '.join(map(spell, shapes))}")
    return f"{' '.join(parts)}: {inference.totals.parameters:,} parameters."


def _head(classes: list[ClassCode], body: list[str]) -> Iterator[str]:
    """Imports, and our own modules."""
    own = dict.fromkeys(
        make.name for code in classes for made in _expressions(code) for make in _makes(made) if make.own
    )
    texts, imports = own_modules.sources(own)
    text = "\n".join(body)
    if "OrderedDict(" in text:
        imports.add("from collections import OrderedDict")
    imports |= {line for name, line in foreign.IMPORTS.items() if f"{name}(" in text}
    if "torch." in text:
        imports.add("import torch")
    if "F." in text:
        imports.add("from torch.nn import functional as F")
    imports.add("from torch import nn")
    if own:
        yield "from __future__ import annotations"
        yield ""
    yield from _sorted(imports)
    for source in texts:
        yield from ("", "", *source.split("\n"))


def _sorted(imports: set[str]) -> Iterator[str]:
    """As isort has them: the standard library, then torch; `import` first; one line a module."""
    modules: dict[str, list[str]] = {}
    plain = []
    for line in imports:
        words = line.split(" import ")
        if line.startswith("import "):
            plain.append(line)
        else:
            modules.setdefault(words[0].removeprefix("from "), []).append(words[1])
    lines = [
        f"from {module} import {', '.join(sorted(names, key=lambda name: (not name[0].isupper(), name)))}"
        for module, names in sorted(modules.items())
    ]
    standard = [line for line in lines if not line.startswith("from torch")]
    torch = sorted(plain) + [line for line in lines if line.startswith("from torch")]
    yield from standard
    if standard and torch:
        yield ""
    yield from torch


def _expressions(code: ClassCode) -> Iterator[Expression]:
    if code.chain is not None:
        yield code.chain
    for init in code.inits:
        yield init.made


def _makes(expression: Expression) -> Iterator[Make]:
    match expression:
        case Make():
            yield expression
        case Chain():
            for item in expression.items:
                yield from _makes(item)
        case Run():
            yield expression.first
            yield expression.rest
