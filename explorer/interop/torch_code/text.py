"""Classes as text."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from explorer.interop.torch_code.expressions import (
    LOOP,
    Argument,
    Chain,
    Expression,
    Leaf,
    Literal,
    Make,
    Run,
)
from explorer.interop.torch_code.foreign import BUFFER, PARAMETER
from explorer.interop.torch_code.forward import Forward
from explorer.interop.torch_code.layout import APART, INDENT, fold
from explorer.interop.torch_code.program import ClassCode


def class_lines(code: ClassCode, names: tuple[str, ...] | None = None, doc: str = "") -> list[str]:
    """One class; `names` are the arguments of its forward."""
    base = "nn.Sequential" if code.chain is not None else "nn.Module"
    lines = [f"class {code.name}({base}):"]
    if doc:
        lines += [f'{INDENT}"""{doc}"""', ""]
    if code.chain is not None or code.inits:
        arguments = ["self", *_signature(code)]
        lines += fold(f"def __init__({', '.join(arguments)})", 1, ":")
        if code.chain is not None:
            lines += fold(f"super().__init__({_content(code.chain)})", 2)
            return lines
        lines.append(f"{INDENT * 2}super().__init__()")
        for init in code.inits:
            made = f"self.{init.attribute} = {spelled(init.made)}"
            if init.condition is not None:
                lines.append(f"{INDENT * 2}self.{init.attribute} = None")
                lines += [f"{INDENT * 2}if {init.condition}:", *fold(made, 3)]
            else:
                lines += fold(made, 2)
        lines.append("")
    assert code.plan is not None
    return [*lines, *Forward(code.plan, code.conditions, names, variadic=code.variadic).lines()]


def _signature(code: ClassCode) -> Iterator[str]:
    for parameter in code.parameters:
        default = "" if parameter.default is None else f"={parameter.default}"
        yield parameter.name + default


def spelled(expression: Expression) -> str:
    """An expression in one line, with marks where lines have to break."""
    if isinstance(expression, Make):
        arguments = ", ".join(
            _argument(argument) for argument in expression.arguments if not _silent(argument)
        )
        if expression.name == PARAMETER:
            return f"{PARAMETER}(0.02 * torch.randn({arguments}))"
        if expression.name == BUFFER:
            return f"{BUFFER}(torch.zeros({arguments}))"
        return f"{expression.name}({arguments})"
    return f"nn.Sequential({_content(expression)})"


def _content(expression: Chain | Run) -> str:
    """What stands between the brackets of a Sequential."""
    if isinstance(expression, Run):
        return _run(expression)
    if expression.names is None:
        return f"{APART if len(expression.items) > 1 else ''}{', '.join(_items(expression.items))}"
    named = list(zip(expression.names, expression.items, strict=True))
    if all(name.isidentifier() and not keyword.iskeyword(name) for name in expression.names):
        return f"OrderedDict({APART}{', '.join(f'{name}={spelled(item)}' for name, item in named)})"
    pairs = ", ".join(f"({Literal(name).text}, {spelled(item)})" for name, item in named)
    return f"OrderedDict([{APART}{pairs}])"


def _items(items: tuple[Expression, ...]) -> Iterator[str]:
    """The items of a numbered Sequential, equal ones in a row as a loop."""
    at = 0
    while at < len(items):
        length = 1
        while at + length < len(items) and items[at + length] == items[at]:
            length += 1
        text = spelled(items[at])
        if length >= LOOP:
            yield f"*[{text} for _ in range({length})]"
        else:
            yield from [text] * length
        at += length


def _run(run: Run) -> str:
    first, rest = spelled(run.first), spelled(run.rest)
    if not isinstance(run.count, Literal):
        if first == rest:
            return f"*[{first} for _ in range({run.count.text})]"
        return f"{APART}{first}, *[{rest} for _ in range({run.count.text} - 1)]"
    if first == rest and run.count.value >= LOOP:
        return f"*[{first} for _ in range({run.count.value})]"
    more = run.count.value - 1
    if more >= LOOP:
        return f"{APART}{first}, *[{rest} for _ in range({more})]"
    return APART + ", ".join([first, *[rest] * more])


def _silent(argument: Argument) -> bool:
    return argument.default is not None and argument.value.text == argument.default


def _argument(argument: Argument) -> str:
    text = _value(argument.value)
    return text if argument.keyword is None else f"{argument.keyword}={text}"


def _value(leaf: Leaf) -> str:
    return leaf.text
