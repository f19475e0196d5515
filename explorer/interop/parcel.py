"""A network and its weights on their way to another process, where exporters and exported code run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from explorer.interop.torch_module import NetworkModule, build, input_shapes
from explorer.interop.weights import ready
from explorer.network import project
from explorer.network.graph import Network

SEED = 0
BATCH = 2
TOLERANCE = 1e-4
"""Two runs agree if they differ by no more than this share of the largest value (or of 1)."""


@contextmanager
def parcel(network: Network) -> Iterator[str]:
    """A folder with the network and its weights, as long as the block runs. Raises UserError."""
    from safetensors.torch import save_file

    module, _ = ready(network, SEED)
    with tempfile.TemporaryDirectory(prefix="convnet-explorer-") as folder:
        Path(folder, "network.convnet").write_text(project.dumps(network), encoding="utf-8")
        state = {name: value.contiguous() for name, value in module.state_dict().items()}
        save_file(state, f"{folder}/weights")
        yield folder


def unpack(folder: str) -> tuple[Network, NetworkModule, tuple[Tensor, ...]]:
    """The network, its module in eval mode with its weights, and a batch for each input."""
    from safetensors.torch import load_file

    network = project.loads(Path(folder, "network.convnet").read_text(encoding="utf-8"))
    module = build(network, seed=SEED).eval()
    module.load_state_dict(load_file(f"{folder}/weights"))
    generator = torch.Generator().manual_seed(SEED)
    return network, module, tuple(torch.rand(BATCH, *s, generator=generator) for s in input_shapes(network))


def run(module: nn.Module, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    """What a module gives, one tensor or several."""
    with torch.inference_mode():
        found = module(*inputs)
    return [found] if isinstance(found, Tensor) else list(found)


def largest_difference(ours: list[Tensor], theirs: list[Tensor]) -> tuple[float, bool]:
    """The largest difference between two runs, and whether they agree; a NaN has to be in both."""
    largest, agree = 0.0, len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=False):
        if one.shape != other.shape:
            return float("inf"), False
        same = (one == other) | (one.isnan() & other.isnan())
        apart = torch.where(same, 0.0, (one - other).abs()).nan_to_num(float("inf"), float("inf"))
        found = float(apart.max()) if apart.numel() else 0.0
        scale = max(1.0, float(one.nan_to_num(0, 0, 0).abs().max())) if one.numel() else 1.0
        largest, agree = max(largest, found), agree and found <= TOLERANCE * scale
    return largest, agree
