"""A run as the command that trains it again: on this machine, or under torchrun on larger ones."""

from __future__ import annotations

import shlex
import sys
from enum import Enum
from pathlib import Path

from explorer.learning.run_records import Run
from explorer.learning.settings import TrainSettings
from explorer.network import atomic

PROCESSES = 2
"""What the script starts on one machine; a person changes it to the number of GPUs."""
_WORDS = """#!/bin/sh
# Trains {name} as run {run} was trained. Change --nproc-per-node to the number of GPUs of this machine;
# on several machines add --nnodes, --node-rank and --rdzv-endpoint, with the same data on each.
# One process alone: explorer {shown}
python=${{PYTHON:-{python}}}
command -v "$python" > /dev/null || python=python3
cd "$(dirname "$0")" && exec "$python" -m torch.distributed.run --nproc-per-node {processes} \\
  -m explorer {arguments} "$@"
"""


def arguments(settings: TrainSettings, network: str, data: str, out: str) -> list[str]:
    """What stands behind `explorer`: every setting that is not the usual one."""
    found = ["train", network, "--data", data, "--out", out]
    usual = TrainSettings()
    for name in TrainSettings.__struct_fields__:
        value = getattr(settings, name)
        # Threads and device belong to the machine; the usual rate goes by the optimizer: it is always named.
        if name in ("threads", "device") or (value == getattr(usual, name) and name != "lr"):
            continue
        flag = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            found.append(flag if value else f"--no-{flag[2:]}")
        elif isinstance(value, tuple):
            found += [flag, *(str(getattr(one, "value", one)) for one in value)]
        else:
            found += [flag, str(value.value if isinstance(value, Enum) else value)]
    return found


def _python() -> str:
    """This program's interpreter, so that the script needs no environment to be activated first."""
    return "python3" if getattr(sys, "frozen", False) else sys.executable


def write_command(run: Run, folder: Path) -> Path:
    """Writes the run's network and a script that trains it; the path of the script. Raises UserError."""
    from explorer.interop.projects import save

    stem = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in run.name) or "network"
    save(folder / f"{stem}.convnet", run.network)
    said = shlex.join(arguments(run.settings, f"{stem}.convnet", run.data, f"{stem}-run"))
    script = folder / f"train-{stem}.sh"
    words = _WORDS.format(
        name=" ".join(run.name.split()),
        run=run.id,
        arguments=said,
        shown=" ".join(said.split("\n")),  # a comment ends with its line; names may have several
        processes=PROCESSES,
        python=shlex.quote(_python()),
    )
    atomic.write(script, words.encode())
    script.chmod(0o755)
    return script
