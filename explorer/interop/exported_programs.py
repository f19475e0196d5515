"""`.pt2`: a program that torch.export wrote. Its loader unpickles, which can run code: who reads has asked.

The program is carried out call by call, and each call says in which module of the original it was made.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import fx

from explorer.interop.torch_trace.importing import Imported, import_module
from explorer.interop.torch_trace.recording import Recorder, Visit
from explorer.network.errors import UserError
from explorer.network.layer import Shape


def read(path: Path, shape: Shape | None = None) -> Imported:
    """The network in a `.pt2` file. Raises UserError for a damaged file or an input that is not for it."""
    logged: list[BaseException] = []
    try:
        with _quiet(logged):
            program = torch.export.load(path)
            module = program.module(check_guards=False)
    except Exception as error:  # the reader raises whatever the damage leads to
        cause = str(logged[0] if logged else error).strip()
        line = (cause.splitlines() or [""])[0].rpartition("] . ")[2].partition(". ")[0]
        raise UserError(f"'{path.name}' is damaged, or no program of torch.export: {line[:200]}") from error
    shapes, batch = _inputs(program, path)
    if shape is not None:
        shapes = [shape for _ in shapes]
    walker = _Walker(module)

    def run(recorder: Recorder, *inputs: torch.Tensor) -> Any:
        walker.recorder = recorder
        walker.visits = {(): recorder.trace.root}
        return walker.run(*inputs)

    return import_module(module, shapes, path.stem, runner=run, batch=batch)


@contextmanager
def _quiet(logged: list[BaseException]) -> Iterator[None]:
    """Torch logs the traceback of what stopped its reader, then raises something vaguer: keep the first."""
    logger = logging.getLogger("torch.export")

    def refuse(record: logging.LogRecord) -> bool:
        if record.exc_info and record.exc_info[1] is not None:
            logged.append(record.exc_info[1])
        return False

    logger.addFilter(refuse)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.removeFilter(refuse)


def _inputs(program: torch.export.ExportedProgram, path: Path) -> tuple[list[Shape], int]:
    """The shapes of its inputs without the batch, and the batch that it insists on (1 where it takes any)."""
    wanted = set(program.graph_signature.user_inputs)
    shapes: list[Shape] = []
    batches: set[int] = set()
    for node in program.graph.nodes:
        value = node.meta.get("val")
        if node.op != "placeholder" or node.name not in wanted:
            continue
        if not isinstance(value, torch.Tensor) or value.dim() < 2:
            raise UserError(f"'{path.name}' takes something else than a batch of tensors")
        first, *rest = value.shape
        batches.add(_usual(first, 1))
        shapes.append(tuple(_usual(size, 224) for size in rest))
    if not shapes or len(batches) > 1:
        raise UserError(f"'{path.name}' has no input, or inputs of different batches")
    return shapes, batches.pop()


def _usual(size: Any, otherwise: int) -> int:
    """A size; of one that may vary the one that it was exported with, or 1 for the batch."""
    if isinstance(size, int):
        return size
    return int(otherwise == 1 or getattr(size.node, "hint", None) or otherwise)


class _Walker(fx.Interpreter):
    """Tells the recorder in which module each call was made."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module, garbage_collect_values=False)
        self.recorder: Recorder | None = None
        self.visits: dict[tuple[str, ...], Visit] = {}

    def run_node(self, n: fx.Node) -> Any:
        stack = n.meta.get("nn_module_stack") or {}
        places = [
            (key, path, str(kind)) for key, (path, kind) in stack.items() if path and "_empty" not in path
        ]
        if self.recorder is not None and n.op == "call_function":
            self.recorder.stand_in(self._visit(places))
        return super().run_node(n)

    def _visit(self, places: list[tuple[str, str, str]]) -> Visit:
        key = tuple(name for name, _, _ in places)
        if key not in self.visits:
            path, kind = places[-1][1].split("@")[0], places[-1][2].rpartition(".")[2]
            self.visits[key] = Visit(path, kind, self._visit(places[:-1]))
        return self.visits[key]
