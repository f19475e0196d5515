"""Sums and products: of branches, and of a branch with a number."""

from __future__ import annotations

from typing import Any

from explorer.interop.torch_trace.plan import Op, Rule, Unfit, Value, number
from explorer.interop.torch_trace.recording import Ref
from explorer.network.layers import Add, Concat, Divide, Multiply, Pointwise, Scale, Subtract


def add(op: Op, input: Any, other: Any, *, alpha: float = 1, out: Any = None) -> Value:
    """torch.add of two branches, or of a branch and a number."""
    if alpha != 1:
        return _weighed(op, input, other, alpha)
    value, single = _number_first(op, input, other)
    if single is not None:
        return op.add(Scale(1.0, single), value)
    return op.add(Add(), *_branches(op, input, other))


def _weighed(op: Op, input: Any, other: Any, alpha: float) -> Value:
    """Input + alpha·other."""
    if op.knows(input) and (single := number(other)) is not None:
        return op.add(Scale(1.0, alpha * single), input)
    first, second = _branches(op, input, other)
    return op.add(Add(), first, op.add(Scale(float(alpha), 0.0), second))


def sub(op: Op, input: Any, other: Any, *, alpha: float = 1) -> Value:
    """torch.sub of a number from a branch, or the other way round."""
    if alpha != 1:
        return _weighed(op, input, other, -alpha)
    if op.knows(input) and (single := number(other)) is not None:
        return op.add(Scale(1.0, -single), input)
    if op.knows(other) and (single := number(input)) is not None:
        return op.add(Scale(-1.0, single), other)
    return op.add(Subtract(), *_branches(op, input, other))


def rsub(op: Op, input: Any, other: Any, *, alpha: float = 1) -> Value:
    """torch.rsub: other − input."""
    return sub(op, other, input, alpha=alpha)


def mul(op: Op, input: Any, other: Any) -> Value:
    """torch.mul of two branches, or of a branch and a number."""
    value, single = _number_first(op, input, other)
    if single is not None:
        return op.add(Scale(single, 0.0), value)
    return op.add(Multiply(), *_branches(op, input, other))


def div(op: Op, input: Any, other: Any, *, rounding_mode: str | None = None) -> Value:
    """torch.div of two branches, or of a branch and a number."""
    if rounding_mode is not None:
        raise Unfit("it rounds")
    single = number(other)
    if single is not None and op.knows(input):
        if single == 0:
            raise Unfit("it divides by zero")
        return op.add(Scale(1 / single, 0.0), input)
    if op.knows(other) and (above := number(input)) is not None:
        inverse = op.add(Pointwise("reciprocal"), other)
        return inverse if above == 1 else op.add(Scale(above, 0.0), inverse)
    return op.add(Divide(), *_branches(op, input, other))


def rdiv(op: Op, input: Any, other: Any) -> Value:
    """A number divided by a branch."""
    return div(op, other, input)


def addcmul(op: Op, input: Any, tensor1: Any, tensor2: Any, *, value: float = 1) -> Value:
    """torch.addcmul: input + tensor1·tensor2."""
    if value != 1:
        raise Unfit("it weighs its product")
    like = max((one for one in (input, tensor1, tensor2) if op.knows(one)), key=_rank)
    product = op.add(Multiply(), op.branch(tensor1, like), op.branch(tensor2, like), stem="multiply")
    return op.add(Add(), op.branch(input, like), product)


def neg(op: Op, input: Ref) -> Value:
    """torch.neg."""
    return op.add(Scale(-1.0, 0.0), input)


def cat(op: Op, tensors: Any, dim: int = 0, *, axis: int | None = None, out: Any = None) -> Value:
    """torch.cat."""
    like = next((ref for ref in tensors if op.knows(ref)), None)
    if like is None:
        raise Unfit("none of its parts is a picture")
    along = op.axis(like, dim if axis is None else axis)
    return op.add(Concat(along), *(op.branch(ref, like) for ref in tensors), batch=op.value(like).batch)


def _number_first(op: Op, input: Any, other: Any) -> tuple[Any, float | None]:
    """The branch and the number, whichever stands first; None where both are branches."""
    for branch, rest in ((input, other), (other, input)):
        if op.knows(branch) and not op.knows(rest) and (single := number(rest)) is not None:
            return branch, single
    return input, None


def _branches(op: Op, input: Any, other: Any) -> tuple[Value, Value]:
    """Both as branches. A tensor of fewer axes is lined up with the other's last ones, as torch does."""
    like = input if op.knows(input) and (not op.knows(other) or _rank(input) >= _rank(other)) else other
    first, second = op.branch(input, like), op.branch(other, like)
    if first.batch != second.batch:
        raise Unfit("one branch has the batch folded into another axis")
    return first, second


def _rank(ref: Any) -> int:
    return len(ref.shape) if isinstance(ref, Ref) else 0


RULES: dict[str, Rule] = {
    "add": add,
    "iadd": add,
    "radd": add,
    "sub": sub,
    "subtract": sub,
    "isub": sub,
    "rsub": rsub,
    "mul": mul,
    "multiply": mul,
    "imul": mul,
    "rmul": mul,
    "div": div,
    "divide": div,
    "truediv": div,
    "true_divide": div,
    "itruediv": div,
    "rtruediv": rdiv,
    "rdiv": rdiv,
    "addcmul": addcmul,
    "neg": neg,
    "negative": neg,
    "cat": cat,
    "concat": cat,
    "concatenate": cat,
}
