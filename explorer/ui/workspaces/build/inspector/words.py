"""The numbers of a layer as lines of plain, muted and strong pieces: how they come about, what they cost."""

from __future__ import annotations

from typing import Any

from explorer.network import numerals
from explorer.network.inference import Field, Result
from explorer.network.layer import Derivation, Layer, Refused, Shape
from explorer.ui.workspaces.build.inspector.section import Part

Lines = list[list[Part]]


def size_lines(layer: Layer, derivation: Derivation) -> Lines:
    """The formula, the formula with this layer's numbers, its steps, and what the floor loses."""
    lines: Lines = [[(derivation.formula, "")]]
    if derivation.steps:
        # The steps end in the result, so it need not stand behind the substituted formula too.
        bare = [part.rpartition(" = ")[0] or part for part in derivation.substituted.split(", ")]
        lines.append([(", ".join(bare), "muted")])
        lines += [_result(step) for step in derivation.steps]
    else:
        lines.append(_result(derivation.substituted))
    if derivation.note:
        lines.append([(derivation.note, "muted")])
    lost = lost_words(layer, derivation)
    if lost:
        lines.append([(lost, "muted")])
    return lines


def _result(text: str) -> list[Part]:
    head, equals, tail = text.rpartition(" = ")
    return [(head + equals, "muted"), (tail, "strong")] if equals else [(text, "strong")]


def lost_words(layer: Layer, derivation: Derivation) -> str:
    """What the floor cuts off, in words; "" where every step is whole."""
    dropped = derivation.dropped
    if any(dropped):
        words = [
            f"{count} {name}{'s' * (count != 1)}"
            for count, name in zip(dropped, ("row", "column"), strict=False)
            if count
        ]
        many = sum(dropped) != 1
        return f"{' and '.join(words)} of the input {'are' if many else 'is'} never seen."
    remainder = derivation.remainder
    if not any(remainder) or getattr(layer, "ceil_mode", False):
        return ""
    stride = getattr(layer, "stride", (0, 0))
    parts = {f"{_share(left, step)}" for left, step in zip(remainder, stride, strict=False) if left and step}
    step = f"{' and '.join(sorted(parts))} of a step is cut off: " if parts else ""
    return f"{step}only padding is lost, no pixel of the input."


def _share(left: int, step: int) -> str:
    return {(1, 2): "½", (1, 3): "⅓", (2, 3): "⅔", (1, 4): "¼", (2, 4): "½", (3, 4): "¾"}.get(
        (left, step), f"{left}/{step}"
    )


def count_lines(result: Result, derivation: Derivation, batch: int, shares_with: str = "") -> Lines:
    """Weights, biases, MACs and memory, each with the product it comes from."""
    lines: Lines = []
    if result.parameters:
        weights, _, _ = derivation.parameters.partition(" + biases")
        named = "β" in derivation.parameters  # γ and β, with their sum behind them
        head, equals, tail = weights.rpartition(" = ")
        if equals and tail.replace(",", "").isdigit():
            lines.append([(f"{head} = ", "muted"), (tail, "strong")])
        else:
            lines.append([(weights, "muted")])
        if result.biases and not named:
            lines.append([("biases ", "muted"), (numerals.grouped(result.biases), "strong")])
        if result.weights and result.biases and not named:
            lines.append([("together ", "muted"), (numerals.grouped(result.parameters), "strong")])
        if shares_with:
            lines.append([(f"shared with {shares_with} and counted there", "muted")])
    else:
        lines.append([("parameters ", "muted"), ("0", "strong")])
    lines.append(_macs(result, derivation))
    memory = result.activation_bytes * batch
    lines.append([(f"output at batch {batch}, float32 ", "muted"), (numerals.memory(memory), "strong")])
    return lines


def _macs(result: Result, derivation: Derivation) -> list[Part]:
    if not result.macs:
        return [("MACs ", "muted"), ("0", "strong")]
    product = derivation.macs.rpartition(" = ")[0]
    head = f"MACs {product} = " if product else "MACs "
    return [(head, "muted"), (numerals.compact(result.macs), "strong")]


def field_lines(field: Field | None) -> Lines:
    """What one output position sees of the input: size, step and offset, least and most over branches."""
    if field is None or not field:
        return []
    sizes = [f"{axis.size:,.0f}" for axis in field]
    lines: Lines = [[("sees ", "muted"), (" × ".join(sizes), "strong"), (" pixels of the input", "muted")]]
    if any(axis.least_size != axis.size for axis in field):
        least = " × ".join(f"{axis.least_size:,.0f}" for axis in field)
        lines.append([("through its shortest branch ", "muted"), (least, "strong")])
    jumps = " × ".join(dict.fromkeys(f"{axis.jump:g}" for axis in field))
    lines.append([("one step is ", "muted"), (jumps, "strong"), (" pixels of the input", "muted")])
    centres = " × ".join(dict.fromkeys(f"{axis.centre:g}" for axis in field)).replace("-", "−")
    lines.append([("the first is centred on pixel ", "muted"), (centres, "strong")])
    return lines


def shape_words(shapes: tuple[Shape, ...]) -> str:
    """Shapes in a row: `64 × 56 × 56`, with commas between several."""
    return ", ".join(numerals.shape(shape) for shape in shapes)


def derivation_of(layer: Layer, inputs: tuple[Shape, ...] | None) -> Derivation | None:
    """How the numbers come about, or None while the inputs are unknown or refused."""
    if inputs is None:
        return None
    try:
        return layer.derivation(*inputs)
    except Refused:
        return None


def statistics_lines(found: Any) -> Lines:
    """What a run measured at a layer."""
    lines: Lines = [[("took ", "muted"), (numerals.duration(found.seconds), "strong")]]
    lines.append([
        ("mean ", "muted"), (f"{found.mean:.3g}".replace("-", "−"), "strong"),
        ("  std ", "muted"), (f"{found.std:.3g}", "strong"),
    ])  # fmt: skip
    lines.append([
        ("from ", "muted"), (f"{found.minimum:.3g}".replace("-", "−"), "strong"),
        (" to ", "muted"), (f"{found.maximum:.3g}".replace("-", "−"), "strong"),
    ])  # fmt: skip
    lines.append([("zeros ", "muted"), (numerals.share(found.zero_share, 1), "strong")])
    return lines
