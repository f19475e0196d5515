"""The weights after each epoch of a run, as files in its folder, within a limit of bytes.

Where all would be too many, every other one goes, the earlier ones first thinned alike: what stays is spread
evenly, and the newest is always there.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.network import atomic
from explorer.network.graph import Network
from explorer.network.layers import Conv2d

MOST_BYTES = 256 << 20
_STEM, _END = "epoch-", ".safetensors"


def path(folder: Path, epoch: int) -> Path:
    """Where the weights after an epoch lie, or would."""
    return folder / f"{_STEM}{epoch:05}{_END}"


def kept(folder: Path) -> tuple[int, ...]:
    """The epochs whose weights are there, in order."""
    found = [one.name[len(_STEM) : -len(_END)] for one in folder.glob(f"{_STEM}*{_END}")]
    return tuple(sorted(int(number) for number in found if number.isdigit()))


def keep(folder: Path, epoch: int, data: bytes) -> None:
    """Add an epoch; weights larger than the limit are not kept by epoch at all. Raises UserError."""
    if len(data) > MOST_BYTES:
        return
    forget_after(folder, epoch - 1)
    atomic.write(path(folder, epoch), data)
    apart = 1
    while (there := kept(folder)) and len(there) * len(data) > MOST_BYTES:
        apart *= 2
        for one in there:
            if one % apart and one != epoch:
                path(folder, one).unlink(missing_ok=True)


def forget_after(folder: Path, epoch: int) -> None:
    """Remove later ones: a resumed run makes them anew."""
    for one in kept(folder):
        if one > epoch:
            path(folder, one).unlink(missing_ok=True)


def first_filters(folder: Path, epoch: int, network: Network) -> NDArray[np.float32] | None:
    """(out, in, kh, kw): the weights of the first convolution, read alone and without torch; None without."""
    from safetensors import SafetensorError, safe_open

    first = next((n for n in network.topology.order if isinstance(network.nodes[n].layer, Conv2d)), None)
    if first is None or not path(folder, epoch).is_file():
        return None
    with suppress(OSError, SafetensorError), safe_open(path(folder, epoch), "np") as file:
        return np.asarray(file.get_tensor(f"{network.path(first)}.weight"), np.float32)
    return None
