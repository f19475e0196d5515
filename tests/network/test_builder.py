"""The language in which networks are written."""

from __future__ import annotations

import pytest

from explorer.network.alike import unlike_copies
from explorer.network.builder import Builder
from explorer.network.inference import infer
from explorer.network.layers.boundary import Output
from explorer.network.layers.convolution import Conv2d

SAME = Conv2d(8, padding="same")


def test_layers_follow_each_other_and_ids_are_paths() -> None:
    b = Builder("Tiny", notes="for a test")
    b.input(3, 32, 32)
    with b.block("stem", kind="stage"):
        with b.block("0"):
            b.add(SAME, name="conv")
        b.add(SAME)
        b.add(SAME)
    network = b.network()
    assert list(network.nodes) == ["input", "stem.0.conv", "stem.conv2d", "stem.conv2d2"]
    assert [network.path(node) for node in network.nodes] == list(network.nodes)
    assert network.topology.order == tuple(network.nodes)
    assert network.blocks["stem.0"].parent == "stem"
    assert network.blocks["stem"].kind == "stage"
    assert (network.name, network.notes) == ("Tiny", "for a test")


def test_branches_name_their_sources() -> None:
    b = Builder()
    start = b.input(3, 32, 32)
    one = b.add(SAME, name="one")
    b.follow(start)
    two = b.add(SAME, name="two")
    b.add(Output(), one, name="left")
    b.add(Output(), (two, 0), name="right")
    links = b.network().links
    assert {(link.source, link.target) for link in links.values()} == {
        ("input", "one"),
        ("input", "two"),
        ("one", "left"),
        ("two", "right"),
    }


def test_a_repeat_is_a_chain_of_alike_blocks_in_one_group() -> None:
    b = Builder()
    b.input(8, 32, 32)
    with b.block("layer1"):
        b.repeat(range(3), lambda index: b.add(SAME, name="conv"), kind="plain")
    network = b.network()
    assert network.copies_of("layer1.0") == ("layer1.0", "layer1.1", "layer1.2")
    assert network.counterparts("layer1.1.conv") == ("layer1.0.conv", "layer1.1.conv", "layer1.2.conv")
    assert network.topology.order == ("input", "layer1.0.conv", "layer1.1.conv", "layer1.2.conv")
    assert infer(network).totals.parameters == 3 * (8 * 8 * 9 + 8)


def test_a_single_copy_makes_no_group() -> None:
    b = Builder()
    b.input(8, 32, 32)
    b.repeat(["only"], lambda index: b.add(SAME, name="conv"))
    assert b.network().groups == {}


def test_shared_weights_count_once() -> None:
    b = Builder()
    inputs = [b.input(8, 32, 32, name=name) for name in ("left", "right")]

    def encoder(index: int) -> None:
        b.follow(inputs[index])
        b.add(SAME, name="conv")

    b.share(["encoder1", "encoder2"], encoder)
    network = b.network()
    assert network.sharers("encoder2.conv") == ("encoder1.conv", "encoder2.conv")
    assert infer(network).totals.parameters == 8 * 8 * 9 + 8


def test_copies_that_differ_are_refused() -> None:
    b = Builder()
    b.input(8, 32, 32)
    with pytest.raises(ValueError, match="not like the first"):
        b.repeat(range(2), lambda index: b.add(Conv2d(8 + index, padding="same")))


def test_what_only_training_uses_costs_no_eval_macs() -> None:
    b = Builder()
    b.input(8, 4, 4)
    with b.training_only():
        b.add(SAME, name="head")
    b.follow("input")
    b.add(SAME, name="trunk")
    totals = infer(b.network()).totals
    assert totals.parameters == 2 * (8 * 8 * 9 + 8)
    assert totals.macs == 8 * 8 * 9 * 16


def test_mistakes_are_named() -> None:
    b = Builder()
    b.input(3, 8, 8)
    b.add(SAME, name="conv")
    with pytest.raises(ValueError, match="taken"):
        b.add(SAME, name="conv")
    with pytest.raises(ValueError, match="taken"), b.block("conv"):
        pass
    with pytest.raises(ValueError, match="not there"):
        b.add(SAME, "nowhere")
    with pytest.raises(ValueError, match=r"Conv2d.*out_channels"):
        b.add(Conv2d(0))


def test_a_fragment_waits_for_what_feeds_it() -> None:
    b = Builder("Two ways")
    entry = b.enter()
    one = b.add(SAME, name="one")
    two = b.add(SAME, entry, name="two")
    with pytest.raises(ValueError, match="fragment"):
        b.network()
    fragment = b.fragment(one, two)
    assert fragment.entries == (("one", 0), ("two", 0))
    assert fragment.exits == (("one", 0), ("two", 0))
    assert fragment.network.links == {}


def test_a_repeat_inside_copies_is_one_group() -> None:
    """What is edited in one stage of one tower is edited in all stages of both."""
    b = Builder("towers")
    b.input(3, 8, 8)
    b.repeat(["a", "b"], lambda _: b.repeat([0, 1], lambda _: b.add(Conv2d(3), name="conv")))
    network = b.network()
    assert unlike_copies(network) == ()
    assert len(network.groups) == 2
    assert len(network.counterparts("a.0.conv")) == 4
