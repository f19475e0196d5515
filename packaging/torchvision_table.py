"""Imports every model of torchvision and holds it against torch: `python packaging/torchvision_table.py`.

With names behind it, only their rows are written anew.

Parameters against the sum of `numel`, MACs against FlopCounterMode / 2, every layer's output against a
forward hook, and both counts again at a second input size. Of detection, MACs are those of one run: how many
boxes are looked into depends on the weights, which are random. Writes packaging/tables/torchvision.md.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from msgspec.structs import replace
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.interop.torch_trace.importing import import_module
from explorer.interop.torchvision_models import inputs, make, names
from explorer.network.edits import apply, change
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layer import Shape
from explorer.network.layers import Input

TABLE = Path(__file__).parent / "tables" / "torchvision.md"


@dataclass(frozen=True)
class Row:
    """One model: ours against torch's."""

    name: str
    group: str
    shape: Shape
    seconds: float
    parameters: tuple[int, int]
    macs: tuple[int, int]
    hooked: tuple[int, int]
    described: float
    opaque: tuple[str, ...]
    other: Shape | None
    other_macs: tuple[int, int] | None

    @property
    def right(self) -> bool:
        """Whether every number is torch's."""
        pairs = (self.parameters, self.macs, self.hooked, self.other_macs or (0, 0))
        return all(ours == theirs for ours, theirs in pairs)


def group_of(name: str) -> str:
    """Classification, segmentation, detection, …, as torchvision's modules say."""
    from torchvision import models

    module = models.get_model_builder(name).__module__.removeprefix("torchvision.models")
    parts = [part for part in module.split(".") if part]
    return (
        parts[0]
        if parts and parts[0] in ("segmentation", "detection", "video", "quantization")
        else ("optical flow" if "optical_flow" in module else "classification")
    )


def places(module: nn.Module) -> tuple[str, ...]:
    """Where it can run. Detection works with real boxes, so it was made with real numbers and keeps them."""
    return ("cpu",) if ".detection" in type(module).__module__ else ("meta", "cpu")


def flops(module: nn.Module, shape: Shape) -> int | None:
    """FlopCounterMode / 2 for one image, or None where torch itself refuses this size."""
    for device in places(module):
        if device == "cpu" and any(parameter.is_meta for parameter in module.parameters()):
            module = module.to_empty(device="cpu")
            for parameter in module.parameters():
                nn.init.uniform_(parameter, -0.01, 0.01)
        try:
            with torch.inference_mode(), FlopCounterMode(display=False) as counter, torch.device(device):
                module.to(device).eval()(torch.zeros(1, *shape, device=device))
            return int(counter.get_total_flops()) // 2
        except Exception as error:
            if "meta" not in str(error).lower() and not isinstance(error, NotImplementedError):
                return None
    return None


def hooked(module: nn.Module, shape: Shape, network: Network) -> tuple[int, int]:
    """How many layers give the shape that a forward hook saw, and how many hooks there were."""
    seen: dict[str, Shape] = {}

    def watch(path: str) -> None:
        def hook(_: nn.Module, __: object, out: object) -> None:
            if isinstance(out, torch.Tensor):
                seen.setdefault(path, tuple(out.shape))

        handles.append(module.get_submodule(path).register_forward_hook(hook))

    handles: list[torch.utils.hooks.RemovableHandle] = []
    for path, _ in module.named_modules():
        if path in network.nodes and not network.nodes[path].training_only:
            watch(path)
    device = places(module)[0]
    try:
        with torch.inference_mode(), torch.device(device):
            module.to(device).eval()(torch.zeros(1, *shape, device=device))
    except Exception:
        return 0, 0
    finally:
        for handle in handles:
            handle.remove()
    results = infer(network).results
    good = sum(results[path].output in (shape[1:], shape) for path, shape in seen.items())
    return good, len(seen)


def at(network: Network, shape: Shape) -> Network:
    """The network at another input size."""
    edits = [
        change(node, replace(node, layer=Input(shape)))
        for node in network.nodes.values()
        if isinstance(node.layer, Input)
    ]
    return apply(network, edits)


def measure(name: str) -> Row:
    """Import one model and count everything twice."""
    module, shapes = make(name), inputs(name)
    shape = shapes[0]
    start = time.perf_counter()
    found = import_module(module, shapes, name, keep_weights=False)
    seconds = time.perf_counter() - start
    totals = infer(found.network).totals
    theirs = sum(parameter.numel() for parameter in module.parameters())
    counted = flops(module, shape)
    other: Shape | None = (*shape[:-2], shape[-2] + 32, shape[-1] + 64)
    other_macs = flops(module, other) if other is not None else None
    ours_other = infer(at(found.network, other)).totals if other is not None else None
    return Row(
        name,
        group_of(name),
        shape,
        seconds,
        (totals.parameters, theirs),
        (totals.macs, counted if counted is not None else -1),
        hooked(module, shape, found.network),
        found.report.described_macs,
        tuple(sorted({part.kind for part in found.report.opaque})),
        other if other_macs is not None else None,
        None
        if other_macs is None or ours_other is None
        else (ours_other.macs if ours_other.exact else -1, other_macs),
    )


def main() -> None:
    """Print a line a model and write the table."""
    wanted = sys.argv[1:] or [name for name in names() if not name.startswith("quantized")]
    rows = []
    for name in wanted:
        try:
            row = measure(name)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", flush=True)
            continue
        rows.append(row)
        print(
            f"{'ok ' if row.right else 'NOT'} {row.name} {row.shape} {row.seconds:.2f} s, "
            f"parameters {row.parameters}, MACs {row.macs}, hooks {row.hooked}, "
            f"described {row.described:.1%} {row.opaque[:5]}, "
            f"{row.other}: {row.other_macs}",
            flush=True,
        )
    write(rows, {} if not sys.argv[1:] else kept())


Table = dict[str, dict[str, list[str]]]
"""The cells of each model, by group."""


def kept() -> Table:
    """What the table says now."""
    found: Table = {}
    group = ""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            group = line.removeprefix("## ").partition(":")[0].lower()
        elif line.startswith("| ") and not line.startswith(("| model", "| ---")):
            cells = line.strip("| ").split(" | ")
            found.setdefault(group, {})[cells[0]] = cells
    return found


def write(rows: list[Row], table: Table) -> None:
    """The table with the new rows in it, by name in each group."""
    for row in rows:
        table.setdefault(row.group, {})[row.name] = _cells(row)
    lines = ["# torchvision's models, imported", "", __doc__.split("\n\n")[2].replace("\n", " ").strip(), ""]
    for group, of in table.items():
        parameters, macs = (sum("torch" not in cells[at] for cells in of.values()) for at in (2, 3))
        lines += [
            f"## {group.capitalize()}: parameters {parameters}/{len(of)} exact, MACs {macs}/{len(of)} exact",
            "",
            "| model | input | parameters | MACs | layers as hooked | MACs in layers | at another size |",
            "| --- | --- | ---: | ---: | ---: | ---: | --- |",
        ]
        lines += ["| " + " | ".join(of[name]) + " |" for name in sorted(of)]
        lines.append("")
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("\n".join(lines), encoding="utf-8")


def _cells(row: Row) -> list[str]:
    other = "refused by torch" if row.other is None else "×".join(map(str, row.other))
    if row.other_macs is not None:
        other += " exact" if row.other_macs[0] == row.other_macs[1] else " not followed"
    return [
        row.name,
        "×".join(map(str, row.shape)),
        _both(row.parameters),
        _both(row.macs),
        f"{row.hooked[0]}/{row.hooked[1]}",
        f"{row.described:.1%}" + (f", opaque: {', '.join(row.opaque[:4])}" if row.opaque else ""),
        other,
    ]


def _both(numbers: tuple[int, int]) -> str:
    ours, theirs = numbers
    return f"{ours:,}" if ours == theirs else f"{ours:,} (torch {theirs:,})"


if __name__ == "__main__":
    main()
