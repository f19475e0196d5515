"""What the window's status line says of the open network."""

from __future__ import annotations

from collections.abc import Callable

from explorer.network import numerals
from explorer.network.layers import Input
from explorer.network.problems import Problem, Severity
from explorer.session.session import OpenNetwork
from explorer.ui.workspace import Figure, Status
from explorer.ui.workspaces.build.assumptions import Assumptions, training_memory


def status_of(
    tab: OpenNetwork | None,
    assumptions: Assumptions,
    problems: tuple[Problem, ...],
    show_problems: Callable[[], object],
) -> Status:
    """Totals at the left; the input and the number of problems at the right."""
    if tab is None:
        return Status()
    network, totals = tab.document.network, tab.document.inference.totals
    least = "" if totals.exact else "≥ "
    operations = totals.macs * (2 if assumptions.flops else 1)
    unit = "FLOPs" if assumptions.flops else "MACs"
    memory = training_memory(totals, assumptions.batch, assumptions.optimizer)
    left: tuple[Figure, ...] = (
        Figure(
            numerals.compact(totals.parameters, totals.exact),
            "parameters",
            f"{least}{numerals.grouped(totals.parameters)} parameters",
        ),
        Figure(
            numerals.compact(operations, totals.exact),
            unit,
            f"{least}{numerals.grouped(operations)} {unit} for one image (1 MAC is 2 FLOPs)",
        ),
        Figure(
            least + numerals.memory(memory.weights),
            "weights",
            f"{least}{numerals.grouped(memory.weights)} bytes in float32",
        ),
        Figure(
            least + numerals.memory(memory.training),
            f"to train at batch {assumptions.batch}",
            f"Weights, gradients, {assumptions.optimizer.title} and every layer's output, in float32",
        ),
    )
    if not (totals.exact or totals.parameters or totals.macs):
        left = (Figure("", "sizes and counts follow once the network can be worked out"),)
    inputs = [node.layer.shape for node in network.nodes.values() if isinstance(node.layer, Input)]
    sizes = ", ".join(dict.fromkeys(numerals.shape(shape) for shape in inputs[:3]))
    right = (Figure(sizes, "input", before=True),) if inputs else ()
    count = sum(problem.severity is not Severity.NOTE for problem in problems)
    return Status(left, right, count, show_problems)
