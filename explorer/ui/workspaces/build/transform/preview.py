"""What an operation would do, worked out before it is done. No Qt; runs in a Job where a network is large."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.network import numerals
from explorer.network.diff import Status, compare
from explorer.network.diff.written import SIGNS, change
from explorer.network.edits import apply, merge
from explorer.network.errors import UserError
from explorer.network.inference import Inference, Totals, infer
from explorer.network.surgery import Plan
from explorer.ui.workspaces.build.transform.operations import Operation, Scope, Values


@dataclass(frozen=True)
class Preview:
    """The plan, or why there is none; totals before and after; how many layers have which status."""

    plan: Plan | None
    refusal: str = ""
    before: Totals | None = None
    after: Totals | None = None
    counts: Mapping[Status, int] | None = None
    weights: str = ""

    def lines(self) -> list[tuple[str, str]]:
        """What to tell of it: (name, text)."""
        if self.plan is None or self.before is None or self.after is None or self.counts is None:
            return []
        layers = ", ".join(
            f"{SIGNS[status]} {self.counts[status]:,} {status}" for status in Status if self.counts[status]
        )
        return [
            ("Parameters", _from_to(self.before.parameters, self.after.parameters)),
            ("MACs", _from_to(self.before.macs, self.after.macs)),
            ("Layers", layers),
            ("Weights", self.weights),
            ("Outputs", self.outputs),
        ]

    @property
    def outputs(self) -> str:
        """What becomes of what the network computes."""
        same = self.plan.same if self.plan is not None else ""
        if same == "outputs":
            return "The same, which is checked by running both"
        if same == "identity":
            return "Each sum is its shortcut exactly, which is checked by running it"
        return "Others: it computes something else"


def look(inference: Inference, operation: Operation, scope: Scope, values: Values, revision: int) -> Preview:
    """Plan an operation and hold the result against what is there. Ids it makes are new for this revision."""
    number = 0

    def fresh(prefix: str) -> str:
        nonlocal number
        number += 1
        return f"{prefix}{revision}-{number}"

    try:
        plan = operation.make(inference, fresh, scope, values)
    except UserError as error:
        return Preview(None, str(error))
    after = infer(apply(inference.network, merge(plan.change.edits)))
    return Preview(
        plan,
        "",
        inference.totals,
        after.totals,
        compare(inference, after).counts,
        _weights(inference, after, plan),
    )


def _weights(before: Inference, after: Inference, plan: Plan) -> str:
    """What becomes of the weights that the network has."""
    old, new = before.network.nodes, after.network.nodes
    if plan.same == "identity":
        return f"{len(plan.carries)} layers become 0" if len(plan.carries) > 1 else "One layer becomes 0"
    if not any(node.tensors for node in old.values()):
        return "It has none yet: only the structure changes"
    made = {one.node for one in plan.carries}
    random = [
        node
        for node in after.network.topology.order
        if node not in made
        and after.results[node].tensors
        and (
            node not in old
            or (old[node].tensors and not new[node].tensors)
            or before.results[node].tensors != after.results[node].tensors
        )
    ]
    if not random:
        return "All are kept or carried over"
    if len(random) <= 3:
        return f"{', '.join(new[node].name for node in random)} begins anew"
    return f"{len(random)} layers begin anew"


def _from_to(a: int, b: int) -> str:
    if a == b:
        return f"{numerals.grouped(a)}, as before"
    percent = f"{100 * (b - a) / a:+.1f} %".replace("-", "−") if a else ""
    share = f", {percent}" if percent.strip("+−0. %") else ""
    return f"{numerals.grouped(a)} → {numerals.grouped(b)}  ({change(a, b)}{share})"
