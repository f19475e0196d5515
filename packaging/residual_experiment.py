"""Trains Plain-56 and ResNet-56 on 2,000 pictures for 5 epochs, with three seeds, and writes what was seen.

    python packaging/residual_experiment.py residual.json [--device cuda]

The JSON has for each run its curves by epoch and step, and the gradient norms by layer after each epoch;
`python packaging/residual_experiment.py residual.json --table` writes them as the tables that
`explorer/learning/README.md` holds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SEEDS = (0, 1, 2)


def main() -> None:
    """Trains, or writes the tables of what was trained."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--lr", type=float, help="another learning rate than the preset's")
    parser.add_argument("--table", action="store_true")
    args = parser.parse_args()
    if args.table:
        print(_tables(json.loads(args.file.read_text())))
    else:
        args.file.write_text(json.dumps(_measured(args.device, args.lr), indent=1) + "\n")


def _measured(device: str, lr: float | None) -> dict[str, Any]:
    from explorer.learning.data import load
    from explorer.learning.experiments.presets import find
    from explorer.learning.loop import train
    from explorer.learning.settings import changed
    from explorer.learning.training_events import Started, TrainBatch, TrainEpoch

    preset = find("residual-56")
    data, runs, where = load(preset.data), [], ""
    rate = preset.settings.lr if lr is None else lr
    for seed in SEEDS:
        settings = changed(preset.settings, {"seed": seed, "device": device, "lr": rate})
        for build in preset.contenders:
            network = build()
            run: dict[str, Any] = {"network": network.name, "seed": seed, "losses": [], "epochs": []}
            for event in train(network, data, settings):
                if isinstance(event, Started):
                    where = event.device
                elif isinstance(event, TrainBatch):
                    run["losses"].append(round(event.loss, 5))
                elif isinstance(event, TrainEpoch):
                    norms = {network.path(node): norm for node, norm in event.gradient_norms.items()}
                    run["epochs"].append({**event.line(), "gradient_norms": norms})
                    print(network.name, seed, event.epoch, f"{event.loss:.4f} {event.val_accuracy:.4f}")
            runs.append(run)
    return {"preset": preset.name, "data": preset.data, "device": where, "lr": rate, "runs": runs}


def _tables(found: dict[str, Any]) -> str:
    lines = ["| network | seed | " + " | ".join(f"epoch {at}" for at in range(1, 6)) + " |"]
    lines.append("|---|---|" + "---|" * 5)
    for run in found["runs"]:
        cells = [
            f"{one['loss']:.3f} / {one['val_loss']:.3f} / {100 * one['val_accuracy']:.1f} %"
            for one in run["epochs"]
        ]
        lines.append(f"| {run['network']} | {run['seed']} | {' | '.join(cells)} |")
    lines += [
        "",
        "| gradient norm, epoch 1 → 5, median of the seeds | Plain-56 | ResNet-56 |",
        "|---|---|---|",
    ]
    for layer in _layers(found["runs"][0]):
        cells = []
        for name in ("Plain-56", "ResNet-56"):
            own = [run["epochs"] for run in found["runs"] if run["network"] == name]
            ends = [statistics.median(run[at]["gradient_norms"][layer] for run in own) for at in (0, -1)]
            cells.append(f"{ends[0]:.2g} → {ends[1]:.2g}")
        lines.append(f"| `{layer}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _layers(run: dict[str, Any]) -> list[str]:
    """Every ninth convolution, and the last layer."""
    norms = run["epochs"][0]["gradient_norms"]
    convolutions = [name for name in norms if "conv" in name]
    return [*convolutions[::9], "fc"]


if __name__ == "__main__":
    main()
