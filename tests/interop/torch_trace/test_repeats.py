"""Equal blocks in a chain become ×N; branches, different blocks and shared weights do not."""

from __future__ import annotations

from torch import Tensor, nn

from explorer.interop.torch_trace.importing import import_module
from explorer.network.alike import unlike_copies
from explorer.network.graph import Network


class Pair(nn.Module):
    """Two equal parts one behind the other, and a shortcut."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.parts = nn.Sequential(
            *(nn.Sequential(nn.Conv2d(channels, channels, 1), nn.ReLU()) for _ in "ab")
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.parts(x)  # type: ignore[no-any-return]


class Branches(nn.Module):
    """Equal parts side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.a1, self.a2 = Pair(3), Pair(3)

    def forward(self, x: Tensor) -> Tensor:
        return self.a1(x) * self.a2(x)  # type: ignore[no-any-return]


def imported(module: nn.Module) -> Network:
    network = import_module(module, [(3, 8, 8)], "net").network
    assert unlike_copies(network) == ()
    return network


def members(network: Network) -> list[list[str]]:
    return [
        [block.id for block in network.blocks.values() if block.group == group] for group in network.groups
    ]


def test_a_chain_is_a_repeat_and_what_repeats_within_it_too() -> None:
    network = imported(nn.Sequential(nn.Sequential(Pair(3), Pair(3), Pair(3)), nn.Conv2d(3, 4, 1)))
    assert members(network) == [
        ["0.0", "0.1", "0.2"],
        [f"0.{copy}.parts.{part}" for copy in range(3) for part in range(2)],
    ]
    assert [network.blocks[f"0.{copy}"].folded for copy in range(3)] == [False, True, True]
    assert len(network.counterparts("0.0.parts.0.0")) == 6


def test_branches_are_none() -> None:
    assert members(imported(Branches())) == [
        ["a1.parts.0", "a1.parts.1"],
        ["a2.parts.0", "a2.parts.1"],
    ]


def test_different_blocks_are_none() -> None:
    assert members(imported(nn.Sequential(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()), Pair(3))))[1:] == []


def test_one_block_that_is_called_again_is_shared_and_no_repeat() -> None:
    pair = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())
    network = imported(nn.Sequential(pair, pair))
    assert all(group.shares_weights for group in network.groups.values())
    assert not any(block.group for block in network.blocks.values())
