"""Anything people do, in any order: what must hold after each step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from explorer.network import fragment, project
from explorer.network import operations as do
from explorer.network.alike import unlike_copies
from explorer.network.builder import Builder
from explorer.network.edits import apply, merge, reverse
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.history import ChangeSet, Document
from explorer.network.inference import Inference, Result, infer
from explorer.network.layers import (
    Add,
    BatchNorm,
    Concat,
    Conv2d,
    Flatten,
    Input,
    Linear,
    MaxPool2d,
    Output,
    ReLU,
    Softmax,
)
from explorer.network.problems import find_problems
from tests.network.chain import chain

LAYERS = (
    Conv2d(8, padding="same"), Conv2d(8, (5, 5), (2, 2)), Conv2d(6, groups=2), ReLU(),
    BatchNorm(), MaxPool2d(), Flatten(), Linear(10), Add(), Concat(), Input((3, 16, 16)), Input((8,)),
    Output("cross-entropy"), Softmax(),
)  # fmt: skip
FIELDS: tuple[dict[str, Any], ...] = (
    {"stride": 2}, {"padding": 1}, {"kernel_size": (1, 3)}, {"out_channels": 4}, {"groups": 3},
    {"bias": False}, {"out_features": 3}, {"dim": 2}, {"shape": (3, 40, 40)}, {"stride": 0}, {"nonsense": 1},
)  # fmt: skip
MOST_NODES = 120
picks = st.integers(0, 10**6)
layers = st.sampled_from(LAYERS)


def siamese() -> Network:
    """Two inputs through two copies of an encoder with one set of weights, in which a stage is repeated."""
    builder = Builder("twins")
    ends: list[str] = []

    def encode(copy: int) -> None:
        builder.follow(inputs[copy])
        builder.repeat(["s1", "s2"], lambda _: builder.add(Conv2d(3, padding="same"), name="conv"))
        ends.append(builder.add(ReLU(), name="relu"))

    inputs = [builder.input(3, 16, 16, name=name) for name in ("left", "right")]
    builder.share(["a", "b"], encode)
    builder.add(Add(), *ends)
    return builder.network()


def told(result: Result) -> tuple[Any, ...]:
    """All that a result says, to compare two that were worked out apart."""
    refusal = None if result.refusal is None else (result.refusal.code, result.refusal.message)
    return (result.layer, result.shaped, result.field, refusal)


def same(one: Inference, other: Inference) -> bool:
    return (
        list(one.results) == list(other.results)
        and all(told(one.results[node]) == told(other.results[node]) for node in one.results)
        and one.totals == other.totals
    )


class Editing(RuleBasedStateMachine):
    """One document, its clipboard, and every state it has had."""

    def __init__(self) -> None:
        super().__init__()
        self.document = Document(Network())
        self.clipboard = ""
        self.told: list[ChangeSet] = []
        self.past: list[Network] = []
        self.future: list[Network] = []
        self.document.changed.connect(self.told.append)

    @initialize(twins=st.booleans())
    def begin(self, twins: bool) -> None:
        chained = chain(
            Input((3, 16, 16)), Conv2d(8, padding="same"), BatchNorm(), ReLU(), Flatten(), Linear(10)
        )
        network = siamese() if twins else chained
        self.document = Document(network)
        self.document.changed.connect(self.told.append)

    # What is picked

    def node(self, pick: int) -> str:
        nodes = list(self.document.network.nodes)
        return nodes[pick % len(nodes)]

    def block(self, pick: int) -> str | None:
        blocks = list(self.document.network.blocks)
        return blocks[pick % len(blocks)] if blocks else None

    def link(self, pick: int) -> str | None:
        links = list(self.document.network.links)
        return links[pick % len(links)] if links else None

    def do(self, make: Any) -> None:
        """Carry an operation out, and check that its reverse is its reverse."""
        before = self.document.network
        try:
            change = make(before)
        except UserError:
            return
        if not merge(change.edits):
            return
        assert change.title
        calls = len(self.told)
        self.document.apply(change.title, change.edits)
        after = self.document.network
        assert len(self.told) == calls + 1
        assert self.document.undo_title == change.title
        assert apply(after, reverse(change.edits)) == before
        assert all(node in after.nodes for node in change.nodes)
        assert all(block in after.blocks for block in change.blocks)
        self.past.append(before)
        self.future.clear()

    # What people do

    @rule(pick=picks, layer=layers)
    def add(self, pick: int, layer: Any) -> None:
        block = self.block(pick) if pick % 3 == 0 else None
        position = (1.0, float(pick)) if pick % 2 else None
        self.do(lambda n: do.add_layer(n, self.document.fresh_id, layer, block=block, position=position))

    @precondition(lambda self: self.document.network.nodes)
    @rule(pick=picks, layer=layers)
    def append(self, pick: int, layer: Any) -> None:
        after = self.block(pick) if pick % 5 == 0 else None
        self.do(lambda n: do.append_after(n, self.document.fresh_id, after or self.node(pick), layer))

    @precondition(lambda self: self.document.network.links)
    @rule(pick=picks, layer=layers)
    def insert(self, pick: int, layer: Any) -> None:
        self.do(lambda n: do.insert_on_link(n, self.document.fresh_id, self.link(pick) or "", layer))

    @precondition(lambda self: len(self.document.network.nodes) > 4)
    @rule(one=picks, two=picks)
    def delete_nodes(self, one: int, two: int) -> None:
        self.do(lambda n: do.delete(n, self.document.fresh_id, {self.node(one), self.node(two)}))

    @precondition(lambda self: self.document.network.blocks)
    @rule(pick=picks)
    def delete_block(self, pick: int) -> None:
        self.do(lambda n: do.delete(n, self.document.fresh_id, blocks=[self.block(pick) or ""]))

    @precondition(lambda self: self.document.network.links)
    @rule(pick=picks)
    def unlink(self, pick: int) -> None:
        self.do(lambda n: do.disconnect(n, self.link(pick) or ""))

    @precondition(lambda self: self.document.network.nodes)
    @rule(one=picks, two=picks, port=st.integers(0, 2))
    def connect(self, one: int, two: int, port: int) -> None:
        self.do(lambda n: do.connect(n, self.document.fresh_id, self.node(one), 0, self.node(two), port))

    @precondition(lambda self: self.document.network.links)
    @rule(link=picks, one=picks, two=picks, which=st.sampled_from(["source", "target", "both"]))
    def rewire(self, link: int, one: int, two: int, which: str) -> None:
        source = self.node(one) if which != "target" else None
        target = self.node(two) if which != "source" else None
        self.do(lambda n: do.rewire(n, self.link(link) or "", source=source, target=target))

    @precondition(lambda self: self.document.network.nodes)
    @rule(pick=picks, fields=st.sampled_from(FIELDS))
    def set_fields(self, pick: int, fields: dict[str, Any]) -> None:
        self.do(lambda n: do.set_fields(n, self.node(pick), fields))

    @precondition(lambda self: self.document.network.nodes)
    @rule(pick=picks, layer=layers)
    def set_layer(self, pick: int, layer: Any) -> None:
        self.do(lambda n: do.set_layer(n, self.node(pick), layer))

    @precondition(lambda self: self.document.network.nodes)
    @rule(pick=picks, name=st.sampled_from(["a", "conv1", "conv2", "relu", "ünï ×", ""]), block=st.booleans())
    def rename(self, pick: int, name: str, block: bool) -> None:
        self.do(lambda n: do.rename(n, (self.block(pick) if block else None) or self.node(pick), name))

    @precondition(lambda self: self.document.network.nodes)
    @rule(pick=picks, flag=st.booleans())
    def mark(self, pick: int, flag: bool) -> None:
        self.do(lambda n: do.set_training_only(n, [self.node(pick)], flag))

    @precondition(lambda self: self.document.network.nodes)
    @rule(one=picks, two=picks, block=picks)
    def group(self, one: int, two: int, block: int) -> None:
        also = [self.block(block) or ""] if self.document.network.blocks and block % 2 else []
        nodes = {self.node(one), self.node(two)}
        self.do(lambda n: do.group_as_block(n, self.document.fresh_id, nodes, also, "part"))

    @precondition(lambda self: self.document.network.blocks)
    @rule(pick=picks)
    def ungroup(self, pick: int) -> None:
        self.do(lambda n: do.ungroup(n, self.block(pick) or ""))

    @precondition(lambda self: self.document.network.blocks and len(self.document.network.nodes) < MOST_NODES)
    @rule(pick=picks, count=st.integers(1, 4))
    def repeat(self, pick: int, count: int) -> None:
        self.do(lambda n: do.repeat(n, self.document.fresh_id, self.block(pick) or "", count))

    @precondition(lambda self: self.document.network.blocks)
    @rule(pick=picks)
    def detach(self, pick: int) -> None:
        self.do(lambda n: do.detach(n, self.block(pick) or ""))

    @precondition(lambda self: self.document.network.blocks)
    @rule(pick=picks, flag=st.booleans())
    def fold(self, pick: int, flag: bool) -> None:
        self.do(lambda n: do.fold(n, [self.block(pick) or ""], flag))

    @precondition(lambda self: self.document.network.nodes)
    @rule(one=picks, two=picks, block=picks)
    def copy(self, one: int, two: int, block: int) -> None:
        network = self.document.network
        blocks = [self.block(block) or ""] if network.blocks and block % 2 else []
        piece = fragment.copy(network, {self.node(one), self.node(two)}, blocks)
        self.clipboard = fragment.to_text(piece)
        assert fragment.from_text(self.clipboard) == piece
        assert unlike_copies(piece.network) == ()

    @precondition(lambda self: self.clipboard and len(self.document.network.nodes) < MOST_NODES)
    @rule(pick=picks, where=st.sampled_from(["free", "block", "after", "link"]))
    def paste(self, pick: int, where: str) -> None:
        piece = fragment.from_text(self.clipboard)
        if where != "free" and not self.document.network.links:
            return
        target: dict[str, Any] = {}
        if where != "free":
            target[where] = {"block": self.block, "after": self.node, "link": self.link}[where](pick)
        self.do(lambda n: do.insert_fragment(n, self.document.fresh_id, piece, **target))

    @precondition(lambda self: 0 < len(self.document.network.nodes) < MOST_NODES)
    @rule(one=picks, block=picks)
    def duplicate(self, one: int, block: int) -> None:
        blocks = [self.block(block) or ""] if self.document.network.blocks and block % 2 else []
        self.do(lambda n: do.duplicate(n, self.document.fresh_id, [self.node(one)], blocks))

    @precondition(lambda self: self.past)
    @rule()
    def undo(self) -> None:
        self.future.append(self.document.network)
        self.document.undo()
        expected = self.past.pop()
        assert self.document.network == expected
        assert list(self.document.network.nodes) == list(expected.nodes)
        assert self.document.network.topology.order == expected.topology.order

    @precondition(lambda self: self.future)
    @rule()
    def redo(self) -> None:
        self.past.append(self.document.network)
        self.document.redo()
        assert self.document.network == self.future.pop()

    @rule()
    def mend(self) -> None:
        """Take the best mend of the first problem that has one: the problem goes and no known node fails."""
        document = self.document
        for problem in find_problems(document.network, document.inference)[:3]:
            if problem.mends:
                first = problem.mends[0]
                self.do(lambda n, m=first: do.Change(m.title, m.edits))
                left = find_problems(document.network, document.inference)
                assert (problem.node, problem.code) not in {(one.node, one.code) for one in left}
                return

    # What must hold

    @invariant()
    def numbers_are_those_from_scratch(self) -> None:
        # A copy, which knows nothing of what was worked out from the networks before it.
        assert same(self.document.inference, infer(replace(self.document.network)))

    @invariant()
    def names_and_ids_are_unique(self) -> None:
        network = self.document.network
        tables = (network.nodes, network.links, network.blocks, network.groups)
        ids = [key for table in tables for key in table]
        assert len(ids) == len(set(ids))
        assert all(entry.id == key for table in tables for key, entry in table.items())
        homes = [(node.block, node.name) for node in network.nodes.values()]
        homes += [(block.parent, block.name) for block in network.blocks.values()]
        assert len(homes) == len(set(homes))
        assert len(network.paths) == len(network.nodes)

    @invariant()
    def copies_are_alike(self) -> None:
        network = self.document.network
        assert unlike_copies(network) == ()
        for group in network.groups:
            members = [b for b in network.blocks.values() if b.group == group]
            assert len(members) + sum(n.group == group for n in network.nodes.values()) > 1
        for node in network.nodes:
            assert node in network.counterparts(node)

    @invariant()
    def blocks_are_not_empty(self) -> None:
        network = self.document.network
        assert all(network.nodes_within(block) for block in network.blocks)

    @invariant()
    def the_file_holds_it(self) -> None:
        network = self.document.network
        again = project.loads(project.dumps(network))
        assert again == network
        assert project.dumps(again) == project.dumps(network)

    @invariant()
    def ports_are_taken_once(self) -> None:
        """Operations never put two links into one port; only files can."""
        for links in self.document.network.topology.incoming.values():
            ports = [link.target_port for link in links]
            assert len(ports) == len(set(ports))
        assert not self.document.network.topology.cyclic


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
