"""Networks of any wiring: branches, blocks in blocks, copies, shared weights, several ends."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explorer.interop.torch_code import generate
from explorer.interop.torch_code.part import part
from explorer.interop.torch_module import build
from explorer.network.builder import Builder, Source
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.history import Document
from explorer.network.inference import infer
from explorer.network.layer import Layer
from explorer.network.layers import (
    Add,
    BatchNorm,
    Concat,
    Conv2d,
    GlobalAvgPool2d,
    Identity,
    LocalResponseNorm,
    MaxPool2d,
    Multiply,
    Output,
    PReLU,
    ReLU,
    Scale,
    Sigmoid,
)
from explorer.network.shorthand import conv
from tests.interop.torch_code.made import assert_same
from tests.network.test_stateful import Editing

#: Layers of any of which (4, 6, 6) maps stay what they are.
KEEPING: tuple[Layer, ...] = (
    conv(4, 3, padding=1), conv(4, 1), conv(4, 3, padding=1, groups=2, bias=False),
    Conv2d(4, (5, 5), padding=(2, 2)), BatchNorm(), ReLU(), PReLU(), Sigmoid(),
    MaxPool2d((3, 3), (1, 1), (1, 1)), Identity(), LocalResponseNorm(3), Scale(0.5, -0.25),
    Scale(2.0, 0.0), Scale(trainable=True),
)  # fmt: skip


class Drawing:
    """Draws a network: every value is (4, 6, 6), so that anything can follow and join anything."""

    def __init__(self, draw: Callable[[st.SearchStrategy[int]], int]) -> None:
        self._draw = draw
        self.b = Builder("drawn")

    def pick(self, below: int) -> int:
        return self._draw(st.integers(0, below - 1))

    def network(self) -> Network:
        values: list[Source] = [
            self.b.input(4, 6, 6, name=name) for name in ("left", "right")[: 1 + (self.pick(4) == 0)]
        ]
        self.fill(values, 2 + self.pick(5), 0)
        if self.pick(3) == 0:
            for index in range(1 + self.pick(2)):
                self.b.add(Output(), values[-1 - index % len(values)], name=f"out{index}")
        elif self.pick(2) == 0:
            with self.b.training_only():
                self.b.add(GlobalAvgPool2d(flatten=True), values[-1], name="aux")
            self.b.add(ReLU(), values[-1], name="last")
        return self.b.network()

    def fill(self, values: list[Source], steps: int, depth: int) -> None:
        for _ in range(steps):
            source = values[-1 - self.pick(min(3, len(values)))]
            kind = self.pick(9 if depth < 2 else 5)
            if kind < 3:
                values.append(self.b.add(KEEPING[self.pick(len(KEEPING))], source))
            elif kind == 3:
                other = values[self.pick(len(values))]
                values.append(self.b.add(Add() if self.pick(3) else Multiply(), source, other))
            elif kind == 4:
                other = values[self.pick(len(values))]
                values.append(self.b.add(conv(4, 1), self.b.add(Concat(), source, other)))
            elif kind < 7:
                self.block(values, source, depth)
            else:
                self.copies(values, source, depth, shared=kind == 8)

    def block(self, values: list[Source], source: Source, depth: int) -> None:
        with self.b.block(("part", "stage", "stage 2", "1")[self.pick(4)] + f"_{len(values)}", kind="part"):
            inner = [source]
            self.fill(inner, 1 + self.pick(3), depth + 1)
            # Now and then more than one value leaves the block.
            values += inner[-1 - self.pick(2) :] if len(inner) > 2 else inner[-1:]

    def copies(self, values: list[Source], source: Source, depth: int, *, shared: bool) -> None:
        layers = [KEEPING[self.pick(len(KEEPING))] for _ in range(1 + self.pick(3))]
        residual = self.pick(2)
        ends: list[Source] = []
        starts = [source] + [values[self.pick(len(values))] for _ in range(2)]

        def make(index: int) -> None:
            entry = starts[index] if shared else (self.b.last or source)
            last = self.b.follow(entry)
            for layer in layers:
                last = self.b.add(layer)
            ends.append(self.b.add(Add(), last, entry) if residual else last)

        self.b.follow(source)
        place = f"{len(values)}_{depth}"
        names = [f"copy{place}_{index}" for index in range(2 + self.pick(2))]
        (self.b.share if shared else self.b.repeat)(names, make, "copy")
        values += ends if shared else ends[-1:]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    return Drawing(draw).network()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_code_gives_the_same_numbers(network: Network) -> None:
    assert_same(network, generate(network), training=True)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 10**6))
def test_code_of_a_part_gives_the_same_numbers(network: Network, pick: int) -> None:
    nodes = [node for at, node in enumerate(network.nodes) if (pick >> (at % 19)) & 1]
    if network.blocks and pick % 2:
        nodes = network.nodes_within(list(network.blocks)[pick % len(network.blocks)])
    if nodes:
        piece = part(network, infer(network), nodes)
        assert_same(piece, generate(piece))


class Generating(Editing):
    """Whatever people do to a network: where it can be run there is code for it, and nowhere else."""

    def teardown(self) -> None:
        document: Document = self.document
        network = document.network
        try:
            build(network, document.inference, device="meta")
        except UserError:
            return
        if any(
            network.nodes[link.source].training_only and not network.nodes[link.target].training_only
            for link in network.links.values()
        ):
            return  # an eval pass would lack what only training evaluates
        assert_same(network, generate(network, document.inference))


TestGenerating = Generating.TestCase
TestGenerating.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
