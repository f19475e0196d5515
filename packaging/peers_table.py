"""Counts of torchvision's models by us and by others, in one run: `python packaging/peers_table.py [NAME…]`.

The law is torch: parameters are the sum of `numel`, MACs are FlopCounterMode / 2 of one picture in eval mode,
on the meta device, where every product is seen. Writes packaging/tables/peers.md. Needs the group `bench`.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from explorer.interop.torch_trace.importing import import_module
from explorer.interop.torchvision_models import inputs, make
from explorer.network.layer import Shape

TABLE = Path(__file__).parent / "tables" / "peers.md"
NAMES = (
    *("alexnet", "vgg16", "googlenet", "inception_v3", "resnet18", "resnet50", "resnet152", "densenet121"),
    *("squeezenet1_1", "mobilenet_v2", "mobilenet_v3_large", "shufflenet_v2_x1_0", "mnasnet1_0"),
    *("efficientnet_b0", "regnet_y_400mf", "convnext_tiny", "vit_b_32", "swin_t", "swin_v2_t", "maxvit_t"),
)
Counts = tuple[int | None, int | None]
Counter = Callable[[nn.Module, Shape], Counts]


def by_torch(module: nn.Module, shape: Shape) -> Counts:
    """The law."""
    empty = module.to("meta")
    with torch.inference_mode(), FlopCounterMode(display=False) as counter:
        empty(torch.zeros(1, *shape, device="meta"))
    return sum(parameter.numel() for parameter in empty.parameters()), int(counter.get_total_flops()) // 2


def by_us(module: nn.Module, shape: Shape) -> Counts:
    """ConvNet Explorer."""
    report = import_module(module, [shape], "net", keep_weights=False).report
    return report.parameters, report.macs


def by_torchinfo(module: nn.Module, shape: Shape) -> Counts:
    """torchinfo.summary."""
    import torchinfo

    found = torchinfo.summary(module, (1, *shape), device="cpu", verbose=0)
    return found.total_params, found.total_mult_adds


def by_torchview(module: nn.Module, shape: Shape) -> Counts:
    """torchview.draw_graph, which draws and does not count."""
    import torchview

    torchview.draw_graph(module, input_data=torch.zeros(1, *shape), device="cpu")
    return None, None


def by_fvcore(module: nn.Module, shape: Shape) -> Counts:
    """fvcore, whose flops are MACs."""
    from fvcore.nn import FlopCountAnalysis, parameter_count

    analysis = FlopCountAnalysis(module, torch.zeros(1, *shape))
    analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    return parameter_count(module)[""], int(analysis.total())


def by_thop(module: nn.Module, shape: Shape) -> Counts:
    """thop.profile."""
    import thop

    macs, parameters = thop.profile(module, (torch.zeros(1, *shape),), verbose=False)
    return int(parameters), int(macs)


def by_ptflops(module: nn.Module, shape: Shape) -> Counts:
    """ptflops.get_model_complexity_info."""
    import ptflops

    macs, parameters = ptflops.get_model_complexity_info(
        module, shape, as_strings=False, print_per_layer_stat=False, verbose=False
    )
    return (
        None if parameters is None else int(parameters),
        None if macs is None else int(macs),
    )


TOOLS: dict[str, Counter] = {
    "ConvNet Explorer": by_us,
    "torchinfo": by_torchinfo,
    "torchview": by_torchview,
    "fvcore": by_fvcore,
    "thop": by_thop,
    "ptflops": by_ptflops,
}


def measure(name: str) -> tuple[Counts, dict[str, tuple[Counts, float] | str]]:
    """What torch says of one model, and what each tool says in how many seconds, or why it does not."""
    shape = inputs(name)[0]
    found: dict[str, tuple[Counts, float] | str] = {}
    for tool, count in TOOLS.items():
        module = make(name).to_empty(device="cpu").eval() if _on_meta(name) else make(name).eval()
        for parameter in module.parameters():
            nn.init.zeros_(parameter)
        for key, buffer in module.named_buffers():
            buffer.fill_(1) if "index" not in key else buffer.zero_()
        begin = time.perf_counter()
        try:
            with torch.no_grad(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found[tool] = count(module, shape), time.perf_counter() - begin
        except Exception as error:
            found[tool] = type(error).__name__
    return by_torch(make(name), shape), found


def _on_meta(name: str) -> bool:
    return next(make(name).parameters()).is_meta


def main() -> None:
    """Print a line a model, then write the table."""
    logging.disable(logging.WARNING)
    rows = {}
    for name in sys.argv[1:] or NAMES:
        rows[name] = measure(name)
        print(name, rows[name], flush=True)
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(table(rows), encoding="utf-8")


def table(rows: dict[str, tuple[Counts, dict[str, tuple[Counts, float] | str]]]) -> str:
    """MACs against torch's, and how often each tool is exact."""
    lines = [
        "# Counts by us and by others",
        "",
        "MACs of one picture in eval mode against torch's own count (FlopCounterMode / 2 on the meta "
        "device), and seconds for one call on the CPU, all in one run of `packaging/peers_table.py`. "
        "torchview draws and does not count.",
        "",
        "| model | torch | " + " | ".join(TOOLS) + " |",
        "| --- | ---: |" + " ---: |" * len(TOOLS),
    ]
    for name, (law, found) in rows.items():
        cells = [_cell(found[tool], law) for tool in TOOLS]
        lines.append(f"| {name} | {law[1]:,} | " + " | ".join(cells) + " |")
    lines += ["", "| over these models | " + " | ".join(TOOLS) + " |", "| --- |" + " ---: |" * len(TOOLS)]
    for what, judge in (
        ("parameters exact", lambda counts, law: counts[0] == law[0]),
        ("MACs exact", lambda counts, law: counts[1] == law[1]),
        ("MACs within 1 %", lambda counts, law: counts[1] is not None and abs(counts[1] / law[1] - 1) < 0.01),
    ):
        sums = []
        for tool in TOOLS:
            good = [
                judge(one[1][tool][0], one[0]) for one in rows.values() if not isinstance(one[1][tool], str)
            ]
            sums.append("–" if tool == "torchview" else f"{sum(good)} of {len(rows)}")
        lines.append(f"| {what} | " + " | ".join(sums) + " |")
    return "\n".join(lines) + "\n"


def _cell(found: tuple[Counts, float] | str, law: Counts) -> str:
    if isinstance(found, str):
        return found
    (_, macs), taken = found
    if macs is None:
        return f"– in {taken:.2f} s"
    off = "exact" if macs == law[1] else f"{macs / (law[1] or 1) - 1:+.2%}"
    return f"{off} in {taken:.2f} s"


if __name__ == "__main__":
    main()
