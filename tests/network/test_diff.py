"""Two networks aligned: every layer in exactly one row, in order, and the sums are those of the networks."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.network import operations as do
from explorer.network.builder import Builder
from explorer.network.diff import Diff, Row, Status, alignment, compare
from explorer.network.diff.written import spell_settings, to_csv, to_markdown, totals_lines
from explorer.network.graph import Network
from explorer.network.inference import infer
from explorer.network.layer import Layer
from explorer.network.layers import Add, BatchNorm, Conv2d, Flatten, Input, Linear, MaxPool2d, ReLU, Tanh
from explorer.network.shorthand import conv, linear, max_pool
from explorer.zoo import catalogue
from tests.network.chain import chain, done, wired


def zoo(name: str) -> Network:
    return catalogue.find(name).build()


def diff(a: Network, b: Network) -> Diff:
    found = compare(infer(a), infer(b))
    check(found)
    return found


def check(found: Diff) -> None:
    """What holds of every comparison."""
    for side, inference in (("a", found.a), ("b", found.b)):
        parts = [part for row in found.layers if (part := getattr(row, side)) is not None]
        assert sorted(part.id for part in parts) == sorted(inference.network.nodes)
        assert sum(part.parameters for part in parts) == inference.totals.parameters
        assert sum(part.macs for part in parts) == inference.totals.macs
        assert all(inference.network.path(part.id) == part.path for part in parts)
    for row in every(found.rows):
        assert (row.status is Status.ADDED) == (row.a is None)
        assert (row.status is Status.REMOVED) == (row.b is None)
        if row.a is not None and row.b is not None:
            assert row.a.is_block == row.b.is_block
            inside = all(child.status is Status.SAME for child in row.children)
            assert (row.status is Status.SAME) == (inside if row.is_block else not row.deltas)


def every(rows: tuple[Row, ...]) -> Iterator[Row]:
    for row in rows:
        yield row
        yield from every(row.children)


def at(found: Diff, path: str) -> Row:
    return next(row for row in found.layers if path in [part.path for part in (row.a, row.b) if part])


def counts(found: Diff) -> tuple[int, int, int, int]:
    same, changed, added, removed = found.counts.values()
    return same, changed, added, removed


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.name)
def test_a_network_is_the_same_as_itself(entry: catalogue.Entry) -> None:
    network = entry.build()
    found = diff(network, network)
    assert found.equal
    assert counts(found) == (len(network.nodes), 0, 0, 0)


def test_plain_and_residual_differ_in_the_shortcuts_alone() -> None:
    found = diff(zoo("plain34"), zoo("resnet34"))
    # 16 sums, and three projections of a convolution and a batch norm.
    assert counts(found) == (len(zoo("plain34").nodes), 0, 22, 0)
    assert {row.part.type for row in found.layers if row.status is Status.ADDED} == {
        "Add",
        "Conv2d",
        "BatchNorm",
    }
    assert sum(b - a for a, b in (row.parameters for row in found.layers)) == 21_797_672 - 21_623_848


def test_deeper_is_the_same_with_blocks_added() -> None:
    found = diff(zoo("resnet101"), zoo("resnet152"))
    assert found.counts[Status.CHANGED] == found.counts[Status.REMOVED] == 0
    added = [row for row in every(found.rows) if row.status is Status.ADDED and row.is_block]
    assert [row.part.path for row in added if row.part.path.count(".") == 1] == [
        *(f"layer2.{n}" for n in range(4, 8)),
        *(f"layer3.{n}" for n in range(23, 36)),
    ]


def test_blocks_cut_another_way_are_aligned_layer_by_layer() -> None:
    found = diff(zoo("alexnet"), zoo("vgg16"))
    pairs = {row.a.name: row.b.name for row in found.layers if row.a and row.b}
    assert [pairs[f"conv{n}"] for n in range(1, 6)] == ["conv1_1", "conv2_1", "conv3_1", "conv3_2", "conv3_3"]
    assert pairs["fc6"] == "fc6"
    fc6 = at(found, "classifier.fc6")
    assert [delta.what for delta in fc6.deltas] == ["parameters", "macs"]


def test_the_same_network_in_blocks_and_flat() -> None:
    flat = chain(Input((1, 8, 8)), conv(4, 3), ReLU(), max_pool(2), Flatten(), linear(3))
    b = Builder("blocks")
    b.input(1, 8, 8)
    with b.block("features"):
        for layer in (conv(4, 3), ReLU(), max_pool(2)):
            b.add(layer)
    with b.block("classifier"):
        b.add(Flatten())
        b.add(linear(3))
    assert counts(diff(flat, b.network())) == (6, 0, 0, 0)


def test_a_changed_setting_is_told_and_so_is_what_follows() -> None:
    before = chain(Input((1, 16, 16)), conv(4, 3), ReLU(), conv(8, 3), Flatten(), linear(3))
    after = done(before, do.set_fields(before, "conv1", {"kernel_size": 5}))
    found = diff(before, after)
    assert counts(found) == (1, 5, 0, 0)
    assert spell_settings(at(found, "conv1")) == "kernel size 3 → 5"
    assert [delta.what for delta in at(found, "relu").deltas] == ["output"]


def test_an_insertion_is_told_once() -> None:
    before = chain(Input((1, 16, 16)), conv(4, 3), ReLU(), conv(4, 3), Flatten())
    after = done(before, do.append_after(before, lambda p: p + "9", "conv1", BatchNorm()))
    found = diff(before, after)
    assert counts(found) == (5, 0, 1, 0)


def test_another_activation_in_the_same_place_is_a_change() -> None:
    before = chain(Input((1, 16, 16)), conv(4, 3), ReLU(), conv(4, 3))
    after = done(before, do.set_layer(before, "relu", Tanh()))
    assert spell_settings(at(diff(before, after), "relu")) == "type ReLU → Tanh"


def test_a_link_that_moved_is_a_change() -> None:
    layers: dict[str, Layer] = {
        "in": Input((4, 8, 8)), "one": conv(4, 1), "two": conv(4, 3, padding=1), "sum": Add(),
    }  # fmt: skip
    before = wired(layers, "in>one", "one>two", "one>sum", "two>sum:1")
    after = wired(layers, "in>one", "one>two", "in>sum", "two>sum:1")
    swapped = wired(layers, "in>one", "one>two", "two>sum", "one>sum:1")
    assert spell_settings(at(diff(before, after), "sum")) == "fed by one and two → in and two"
    assert diff(before, swapped).equal


def test_unknown_sizes_do_not_stop_it() -> None:
    broken = chain(Input((1, 4, 4)), conv(4, 9), ReLU())
    whole = chain(Input((1, 16, 16)), conv(4, 9), ReLU())
    found = diff(broken, whole)
    assert not found.totals[0].exact
    assert counts(found) == (0, 3, 0, 0)


def test_the_empty_network() -> None:
    found = diff(Network(), zoo("lenet5"))
    assert counts(found) == (0, 0, 13, 0)
    assert diff(Network(), Network()).equal


def test_thousands_of_layers_at_one_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "MOST_CELLS", 40)
    layers = [layer for n in range(1, 30) for layer in (conv(n, 3, padding=1), ReLU())]
    before = chain(Input((1, 9, 9)), *layers)
    after = chain(Input((1, 9, 9)), *layers[:20], conv(77, 1), *layers[22:40], *layers[42:])
    found = diff(before, after)
    assert found.counts[Status.SAME] > 45


LAYERS: list[Layer] = [
    conv(2, 3, padding=1),
    conv(3, 3, padding=1),
    conv(2, 1),
    ReLU(),
    BatchNorm(),
    max_pool(1),
]


@given(st.lists(st.sampled_from(LAYERS), max_size=12), st.lists(st.sampled_from(LAYERS), max_size=12))
def test_any_two_chains(one: list[Layer], other: list[Layer]) -> None:
    a, b = (chain(Input((2, 8, 8)), *layers) for layers in (one, other))
    there, back = diff(a, b), diff(b, a)
    for side in ("a", "b"):  # nothing crosses
        ranks = list((there.a if side == "a" else there.b).network.topology.order)
        order = [ranks.index(part.id) for row in there.layers if (part := getattr(row, side)) is not None]
        assert order == sorted(order)
    longest = max(len(one), len(other)) + 1
    assert sum(there.counts.values()) >= longest
    assert there.equal == back.equal == (one == other)


def test_written_forms() -> None:
    found = diff(zoo("resnet34"), zoo("resnet34-c"))
    lines = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert len(lines) == len(found.layers)
    added = [line for line in lines if line["status"] == "added"]
    assert sum(int(line["b_parameters"]) for line in added) == 22_716_840 - 21_797_672
    assert all(line["a"] == "" for line in added)
    text = to_markdown(found)
    assert text.count("\n| ") == len(found.layers) + 1
    assert totals_lines(found)[0] == "Parameters: 21,797,672 → 22,716,840 (+919,168)"
    assert "- Parameters: 21,797,672 → 22,716,840 (+919,168)" in text


def test_a_type_that_no_other_is_like_is_never_paired() -> None:
    found = diff(chain(Input((4,)), Linear(3)), chain(Input((1, 4, 4)), Conv2d(3), MaxPool2d()))
    assert found.counts[Status.REMOVED] == 1
    assert found.counts[Status.ADDED] == 2


def test_other_weights_are_told_and_are_no_change_of_structure() -> None:
    network = chain(Input((1, 9, 9)), conv(4, 3), ReLU(), conv(4, 3))

    def learned(**tensors: str) -> Network:
        nodes = {
            key: msgspec.structs.replace(node, tensors={"weight": tensors[key]}) if key in tensors else node
            for key, node in network.nodes.items()
        }
        return dataclasses.replace(network, nodes=nodes)

    found = diff(learned(conv1="a", conv2="b"), learned(conv1="a", conv2="c"))
    assert found.equal
    assert [at(found, name).weights for name in ("conv1", "relu", "conv2")] == ["the same", "", "others"]
    assert at(diff(network, learned(conv1="a")), "conv1").weights == "random in A"
    assert at(diff(learned(conv1="a"), network), "conv1").weights == "random in B"


def test_a_vector_is_a_vector_whichever_axes_were_named() -> None:
    named = msgspec.convert({"type": "Flatten", "end_dim": 3}, Flatten)
    body = (Input((1, 9, 9)), conv(4, 3))
    assert diff(chain(*body, Flatten()), chain(*body, named)).equal
