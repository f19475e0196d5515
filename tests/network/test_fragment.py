"""Copying and pasting pieces of networks, as text."""

from __future__ import annotations

import json

import pytest

from explorer.network import fragment
from explorer.network import operations as do
from explorer.network.alike import unlike_copies
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.history import Document
from explorer.network.layers import Add, Conv2d, Input, Output, ReLU
from tests.network.chain import arrows, chain, run, wired


def residual() -> Network:
    return wired(
        {"i": Input((8, 16, 16)), "a": Conv2d(8, padding="same"), "b": ReLU(), "m": Add(), "o": Output()},
        "i>a", "a>b", "b>m", "i>m:1", "m>o",
    )  # fmt: skip


def test_entries_and_exits_are_where_it_was_cut() -> None:
    piece = fragment.copy(residual(), ["a", "b", "m"])
    assert piece.entries == (("a", 0), ("m", 1))
    assert piece.exits == (("m", 0),)
    assert set(piece.network.links) == {"a>b", "b>m"}


def test_unconnected_ends_are_open() -> None:
    network = wired({"a": ReLU(), "b": ReLU()}, "a>b")
    piece = fragment.copy(network, ["a", "b"])
    assert (piece.entries, piece.exits) == ((("a", 0),), (("b", 0),))


def test_text_round_trip() -> None:
    piece = fragment.copy(residual(), ["a", "b", "m"])
    text = fragment.to_text(piece)
    assert json.loads(text)["format"] == "convnet-fragment"
    assert fragment.from_text(text) == piece


def test_paste_gives_new_ids_and_names_and_keeps_links_blocks_and_groups() -> None:
    document = Document(chain(Input((8, 32, 32)), Conv2d(8, padding="same"), ReLU()))
    inner = run(
        document, do.group_as_block(document.network, document.fresh_id, ["conv1", "relu"], [], "unit")
    )
    run(document, do.repeat(document.network, document.fresh_id, inner.blocks[0], 2))
    copies = document.network.copies_of(inner.blocks[0])
    outer = run(document, do.group_as_block(document.network, document.fresh_id, [], copies, "stage"))
    text = fragment.to_text(fragment.copy(document.network, [], outer.blocks))
    other = Document(document.network)
    change = run(other, do.insert_fragment(other.network, other.fresh_id, fragment.from_text(text)))
    assert other.network.block_path(change.blocks[0]) == "stage2"
    assert {"stage2.unit.conv1>stage2.unit.relu", "stage2.unit.relu>stage2.unit2.conv1"} <= arrows(
        other.network
    )
    assert len(other.network.groups) == 2
    assert unlike_copies(other.network) == ()
    run(other, do.set_fields(other.network, "conv1", {"bias": False}))
    pasted = other.network.paths["stage2.unit.conv1"]
    assert other.network.nodes[pasted].layer == Conv2d(8, padding="same")


def test_one_copy_of_a_repeat_is_a_block_of_its_own() -> None:
    document = Document(chain(Input((8, 32, 32)), Conv2d(8, padding="same")))
    block = run(document, do.group_as_block(document.network, document.fresh_id, ["conv1"], [], "unit"))
    run(document, do.repeat(document.network, document.fresh_id, block.blocks[0], 3))
    piece = fragment.copy(document.network, [], block.blocks)
    assert not piece.network.groups
    assert all(found.group is None for found in piece.network.blocks.values())


def test_names_from_several_blocks_do_not_meet() -> None:
    document = Document(chain(Input((8, 32, 32)), Conv2d(8, padding="same")))
    block = run(document, do.group_as_block(document.network, document.fresh_id, ["conv1"], [], "unit"))
    run(document, do.repeat(document.network, document.fresh_id, block.blocks[0], 3))
    convolutions = [n.id for n in document.network.nodes.values() if n.name == "conv1"]
    piece = fragment.copy(document.network, convolutions)
    assert sorted(node.name for node in piece.network.nodes.values()) == ["conv1", "conv2", "conv3"]
    assert all(node.block is None for node in piece.network.nodes.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "null",
        "[" * 5_000,
        '{"format": "convnet", "version": 1, "name": "a project, not a piece"}',
        '{"format": "convnet-fragment", "version": 1, "name": "x", "entries": [["nowhere", 0]]}',
        '{"format": "convnet-fragment", "version": 1, "name": "x", "entries": [["a"]]}',
        '{"format": "convnet-fragment", "version": 9, "name": "x"}',
        "\udfff",
        '{"format": "convnet-fragment"' + " " * fragment.MOST_CHARACTERS,
    ],
)
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="The clipboard"):
        fragment.from_text(text)


def test_a_port_out_of_bounds_is_refused() -> None:
    text = fragment.to_text(fragment.copy(residual(), ["a"])).replace('["a", 0]', '["a", -1]')
    with pytest.raises(UserError, match="names a port that is not there"):
        fragment.from_text(text)
