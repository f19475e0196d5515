"""What people do: each operation by example, inside repeats and out."""

from __future__ import annotations

import pytest

from explorer.network import operations as do
from explorer.network.alike import unlike_copies
from explorer.network.errors import UserError
from explorer.network.fragment import Fragment, copy
from explorer.network.graph import Group, Network
from explorer.network.history import Document
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
)
from tests.network.chain import arrows, chain, done, run, wired

Pair = tuple[Document, str]


def small() -> Document:
    return Document(chain(Input((3, 32, 32)), Conv2d(8), ReLU(), MaxPool2d(), Flatten(), Linear(10)))


@pytest.fixture
def repeated() -> Pair:
    """input → 3 × (conv1 → relu), and the id of the first copy."""
    document = Document(chain(Input((8, 32, 32)), Conv2d(8, padding="same"), ReLU()))
    block = run(
        document, do.group_as_block(document.network, document.fresh_id, ["conv1", "relu"], [], "stage")
    )
    run(document, do.repeat(document.network, document.fresh_id, block.blocks[0], 3))
    return document, block.blocks[0]


def test_append_goes_between_a_node_and_all_its_consumers() -> None:
    network = wired({"a": ReLU(), "b": ReLU(), "m": Add()}, "a>b", "a>m:1", "b>m")
    change = do.append_after(network, lambda p: p, "a", BatchNorm())
    assert change.title == "Insert batch norm after a"
    assert arrows(done(network, change)) == {"a>bn1", "bn1>b", "bn1>m:1", "b>m"}
    assert done(network, change).nodes[change.nodes[0]].layer == BatchNorm()


def test_append_at_an_end_links_only() -> None:
    document = small()
    change = run(document, do.append_after(document.network, document.fresh_id, "fc1", ReLU()))
    assert "fc1>relu2" in arrows(document.network)
    assert document.network.nodes[change.nodes[0]].name == "relu2"


def test_append_after_an_output_goes_before_it() -> None:
    document = Document(chain(Input(), Output()))
    run(document, do.append_after(document.network, document.fresh_id, "output", ReLU()))
    assert arrows(document.network) == {"input>relu", "relu>output"}


def test_an_input_cannot_be_inserted() -> None:
    document = small()
    with pytest.raises(UserError, match="takes no input"):
        do.append_after(document.network, document.fresh_id, "relu", Input())


def test_insert_on_link_keeps_ports_and_marks() -> None:
    network = wired({"a": ReLU(), "m": Add()}, "a>m:1")
    network = done(network, do.set_training_only(network, ["a"], True))
    change = do.insert_on_link(network, lambda p: p, "a>m:1", Conv2d())
    after = done(network, change)
    assert arrows(after) == {"a>conv1", "conv1>m:1"}
    assert after.nodes["conv1"].training_only


def test_names_are_those_that_people_give() -> None:
    document = Document(Network())
    for layer in (Conv2d(), Conv2d(), BatchNorm(), ReLU(), ReLU(), Linear(), Add(), MaxPool2d(), Concat()):
        run(document, do.add_layer(document.network, document.fresh_id, layer))
    names = [node.name for node in document.network.nodes.values()]
    assert names == ["conv1", "conv2", "bn1", "relu", "relu2", "fc1", "add", "maxpool", "concat"]


def test_delete_heals_the_chain() -> None:
    document = small()
    change = run(document, do.delete(document.network, document.fresh_id, ["relu", "maxpool"]))
    assert change.title == "Delete 2 layers"
    assert arrows(document.network) == {"input>conv1", "conv1>flatten", "flatten>fc1"}


def test_delete_keeps_the_ports_of_consumers() -> None:
    network = wired({"a": ReLU(), "b": ReLU(), "c": ReLU(), "m": Add()}, "a>b", "b>c", "a>m", "c>m:1")
    after = done(network, do.delete(network, lambda p: p, ["b"]))
    assert arrows(after) == {"a>c", "a>m", "c>m:1"}


def test_deleting_a_merge_keeps_its_first_input() -> None:
    network = wired({"a": ReLU(), "b": ReLU(), "m": Add(), "c": ReLU()}, "a>m", "b>m:1", "m>c")
    change = do.delete(network, lambda p: p, ["m"])
    assert change.title == "Delete m"
    assert arrows(done(network, change)) == {"a>c"}


def test_deleting_the_input_leaves_the_rest_unconnected() -> None:
    document = small()
    run(document, do.delete(document.network, document.fresh_id, ["input"]))
    assert "conv1>relu" in arrows(document.network)
    assert document.network.topology.incoming["conv1"] == ()


def test_deleting_a_branch_does_not_feed_a_merge_twice() -> None:
    network = wired(
        {"a": ReLU(), "b": ReLU(), "c": ReLU(), "d": ReLU(), "m": Concat()},
        "a>b", "a>c", "a>d", "b>m", "c>m:1", "d>m:2",
    )  # fmt: skip
    after = done(network, do.delete(network, lambda p: p, ["b", "c"]))
    assert arrows(after) == {"a>d", "a>m", "d>m:2"} or arrows(after) == {"a>d", "a>m:1", "d>m:2"}


def test_deleting_on_a_circle_ends() -> None:
    network = wired({"a": ReLU(), "b": ReLU(), "c": ReLU()}, "a>b", "b>a", "b>c")
    assert arrows(done(network, do.delete(network, lambda p: p, ["a", "b"]))) == set()
    assert arrows(done(network, do.delete(network, lambda p: p, ["a"]))) == {"b>c"}


def test_emptied_blocks_go(repeated: Pair) -> None:
    document, block = repeated
    inside = document.network.nodes_within(block)
    run(document, do.delete(document.network, document.fresh_id, inside[:1]))
    assert len(document.network.blocks) == 3
    run(document, do.delete(document.network, document.fresh_id, document.network.nodes))
    assert not document.network.blocks
    assert not document.network.groups


def test_a_repeat_is_chained_and_edited_as_one(repeated: Pair) -> None:
    document, _block = repeated
    assert arrows(document.network) == {
        "input>stage.conv1", "stage.conv1>stage.relu",
        "stage.relu>stage2.conv1", "stage2.conv1>stage2.relu",
        "stage2.relu>stage3.conv1", "stage3.conv1>stage3.relu",
    }  # fmt: skip
    run(document, do.set_fields(document.network, "conv1", {"stride": 1, "out_channels": 8, "bias": False}))
    run(document, do.append_after(document.network, document.fresh_id, "conv1", BatchNorm()))
    run(document, do.rename(document.network, "conv1", "conv"))
    layers = [type(node.layer).__name__ for node in document.network.nodes.values()]
    assert layers.count("BatchNorm") == 3
    assert [n.name for n in document.network.nodes.values()].count("conv") == 3
    assert unlike_copies(document.network) == ()
    run(document, do.delete(document.network, document.fresh_id, ["relu"]))
    assert "stage.bn1>stage2.conv" in arrows(document.network)


def test_repeat_grows_and_shrinks_what_follows_along(repeated: Pair) -> None:
    document, block = repeated
    end = document.network.paths["stage3.relu"]
    run(document, do.append_after(document.network, document.fresh_id, end, Flatten()))
    # Inside a copy an append is done in all copies; the end's consumer must be taken out again.
    assert "stage3.flatten" in document.network.paths
    document.undo()
    flat = run(document, do.add_layer(document.network, document.fresh_id, Flatten())).nodes[0]
    run(document, do.connect(document.network, document.fresh_id, end, 0, flat, 0))
    run(document, do.repeat(document.network, document.fresh_id, block, 5))
    assert "stage5.relu>flatten" in arrows(document.network)
    assert len(document.network.copies_of(block)) == 5
    run(document, do.repeat(document.network, document.fresh_id, block, 2))
    assert "stage2.relu>flatten" in arrows(document.network)
    run(document, do.repeat(document.network, document.fresh_id, block, 1))
    assert "stage.relu>flatten" in arrows(document.network)
    assert not document.network.groups
    assert document.inference.totals.exact


def test_repeats_nest(repeated: Pair) -> None:
    document, block = repeated
    outer = run(
        document,
        do.group_as_block(document.network, document.fresh_id, [], document.network.copies_of(block), "net"),
    )
    run(document, do.repeat(document.network, document.fresh_id, outer.blocks[0], 2))
    assert len(document.network.counterparts("conv1")) == 6
    assert unlike_copies(document.network) == ()
    run(document, do.repeat(document.network, document.fresh_id, block, 4))
    assert len(document.network.counterparts("conv1")) == 8
    run(document, do.append_after(document.network, document.fresh_id, "conv1", BatchNorm()))
    assert sum(type(node.layer) is BatchNorm for node in document.network.nodes.values()) == 8
    run(document, do.detach(document.network, outer.blocks[0]))
    run(document, do.delete(document.network, document.fresh_id, ["relu"]))
    assert sum(type(node.layer) is ReLU for node in document.network.nodes.values()) == 4
    assert len(document.network.copies_of(block)) == 4
    assert unlike_copies(document.network) == ()


def test_detach_takes_one_copy_out(repeated: Pair) -> None:
    document, block = repeated
    run(document, do.detach(document.network, block))
    run(document, do.set_fields(document.network, "conv1", {"bias": False}))
    biased = [node.layer.bias for node in document.network.nodes.values() if isinstance(node.layer, Conv2d)]
    assert sorted(biased) == [False, True, True]
    second = document.network.copies_of(next(b.id for b in document.network.blocks.values() if b.group))[0]
    run(document, do.detach(document.network, second))
    assert not document.network.groups
    with pytest.raises(UserError, match="not one of several copies"):
        do.detach(document.network, block)


def test_deleting_a_copy_removes_that_copy_alone(repeated: Pair) -> None:
    document, block = repeated
    second = next(b for b in document.network.copies_of(block) if b != block)
    run(document, do.delete(document.network, document.fresh_id, document.network.nodes_within(second)))
    assert len(document.network.blocks) == 2
    assert "stage.relu>stage3.conv1" in arrows(document.network)


def test_behind_a_block_is_outside_of_it(repeated: Pair) -> None:
    document, block = repeated
    last = next(b for b in document.network.blocks if document.network.blocks[b].name == "stage3")
    change = run(document, do.append_after(document.network, document.fresh_id, last, Flatten()))
    assert change.title == "Insert flatten after stage3"
    run(document, do.append_after(document.network, document.fresh_id, block, MaxPool2d()))
    assert {"stage3.relu>flatten", "stage.relu>maxpool", "maxpool>stage2.conv1"} <= arrows(document.network)
    run(document, do.insert_fragment(document.network, document.fresh_id, residual(), after=last))
    assert {"stage3.relu>residual.conv", "residual.add>flatten"} <= arrows(document.network)


def test_a_copy_put_into_a_block_stays_a_copy(repeated: Pair) -> None:
    document, block = repeated
    run(document, do.group_as_block(document.network, document.fresh_id, ["input"], [block], "head"))
    run(document, do.append_after(document.network, document.fresh_id, "conv1", BatchNorm()))
    assert {"head.stage.bn1", "stage2.bn1", "stage3.bn1"} <= document.network.paths.keys()
    assert unlike_copies(document.network) == ()


def test_a_block_emptied_by_deleting_its_only_block_goes(repeated: Pair) -> None:
    document, block = repeated
    run(document, do.group_as_block(document.network, document.fresh_id, [], [block], "outer"))
    run(document, do.delete(document.network, document.fresh_id, blocks=[block]))
    assert sorted(found.name for found in document.network.blocks.values()) == ["stage2", "stage3"]


def test_rewiring_inside_a_copy_is_done_in_all(repeated: Pair) -> None:
    document, _ = repeated
    run(document, do.append_after(document.network, document.fresh_id, "conv1", Add()))
    network = document.network
    run(document, do.connect(network, document.fresh_id, "conv1", 0, network.paths["stage.add"], 0))
    assert {"stage2.conv1>stage2.add", "stage2.conv1>stage2.add:1"} <= arrows(document.network)
    link = next(
        link.id for link in document.network.topology.incoming[document.network.paths["stage2.conv1"]]
    )
    # The entry of a copy moves: so does the entry of every copy.
    run(document, do.rewire(document.network, link, target=document.network.paths["stage2.relu"]))
    assert {"input>stage.relu", "stage.relu>stage2.relu", "stage2.relu>stage3.relu"} <= arrows(
        document.network
    )


def test_the_exit_of_a_copy_moves_in_all(repeated: Pair) -> None:
    document, _ = repeated
    link = document.network.topology.outgoing["relu"][0].id
    run(document, do.rewire(document.network, link, source="conv1"))
    assert {"stage.conv1>stage2.conv1", "stage2.conv1>stage3.conv1"} <= arrows(document.network)


def test_what_lies_between_copies_is_theirs_alone(repeated: Pair) -> None:
    document, _ = repeated
    link = document.network.topology.outgoing["relu"][0].id
    run(document, do.insert_on_link(document.network, document.fresh_id, link, MaxPool2d()))
    assert {"stage.relu>maxpool", "maxpool>stage2.conv1", "stage2.relu>stage3.conv1"} <= arrows(
        document.network
    )
    link = document.network.topology.outgoing["relu"][0].id
    run(document, do.disconnect(document.network, link))
    assert "stage2.relu>stage3.conv1" in arrows(document.network)


def test_connect_replaces_in_fixed_ports_and_adds_in_merges() -> None:
    network = wired({"a": ReLU(), "b": ReLU(), "c": ReLU(), "m": Add()}, "a>c", "a>m")
    after = done(network, do.connect(network, lambda p: p, "b", 0, "c", 0))
    assert arrows(after) == {"b>c", "a>m"}
    after = done(network, do.connect(network, lambda p: p, "b", 0, "m", 0))
    assert arrows(after) == {"a>c", "a>m", "b>m:1"}


@pytest.mark.parametrize(
    ("source", "target", "port", "told"),
    [
        ("c", "a", 0, "circle"),
        ("a", "a", 0, "its own input"),
        ("a", "i", 0, "takes no input"),
        ("a", "b", 3, "no input 4"),
        ("a", "b", 0, "already feeds"),
    ],
)
def test_connect_refuses(source: str, target: str, port: int, told: str) -> None:
    network = wired({"i": Input(), "a": ReLU(), "b": ReLU(), "c": ReLU()}, "a>b", "b>c")
    with pytest.raises(UserError, match=told):
        do.connect(network, lambda p: p, source, 0, target, port)


def test_rewire_refuses_a_circle() -> None:
    network = wired({"a": ReLU(), "b": ReLU(), "c": ReLU()}, "a>b", "b>c")
    with pytest.raises(UserError, match="circle"):
        do.rewire(network, "a>b", source="c")
    assert arrows(done(network, do.rewire(network, "b>c", source="a"))) == {"a>b", "a>c"}


def test_fields_are_checked() -> None:
    network = small().network
    change = do.set_fields(network, "conv1", {"stride": 2})
    assert change.title == "Set stride of conv1 to 2"
    assert done(network, change).nodes["conv1"].layer == Conv2d(8, stride=(2, 2))
    assert do.set_fields(network, "conv1", {"padding": 1}).title == "Set padding of conv1 to 1"
    with pytest.raises(UserError, match=r"stride of conv1 cannot be 0: expected int >= 1"):
        do.set_fields(network, "conv1", {"stride": 0})
    with pytest.raises(UserError, match="has no setting 'colour'"):
        do.set_fields(network, "conv1", {"colour": 1})
    with pytest.raises(UserError, match="out channels of conv1"):
        do.set_fields(network, "conv1", {"out_channels": "many"})


def test_rename_is_unique_in_its_block(repeated: Pair) -> None:
    document, block = repeated
    with pytest.raises(UserError, match="already a relu"):
        do.rename(document.network, "conv1", "relu")
    for bad in ("", "a.b", "a\nb", "x" * 201):
        with pytest.raises(UserError):
            do.rename(document.network, "conv1", bad)
    run(document, do.rename(document.network, block, "first"))
    assert "first.conv1" in document.network.paths


def test_input_shape() -> None:
    network = small().network
    change = do.set_input_shape(network, "input", (3, 64, 64))
    assert change.title == "Set input to 3 × 64 × 64"
    with pytest.raises(UserError, match="not an input"):
        do.set_input_shape(network, "relu", (3, 64, 64))
    with pytest.raises(UserError, match="shape of input"):
        do.set_input_shape(network, "input", (0, 1, 1))


def test_moves_and_tidy() -> None:
    document = small()
    run(document, do.move(document.network, {"conv1": (1.0, 2.0), "relu": (3.0, 4.0)}))
    assert document.network.nodes["relu"].position == (3.0, 4.0)
    run(document, do.tidy(document.network))
    assert all(node.position is None for node in document.network.nodes.values())


def test_group_and_ungroup() -> None:
    document = small()
    change = run(
        document, do.group_as_block(document.network, document.fresh_id, ["conv1", "relu"], [], "a.b")
    )
    block = change.blocks[0]
    assert document.network.block_path(block) == "a-b"
    run(document, do.fold(document.network, [block], True))
    assert document.network.blocks[block].folded
    run(document, do.append_after(document.network, document.fresh_id, "maxpool", ReLU()))
    run(document, do.ungroup(document.network, block))
    assert not document.network.blocks
    assert sorted(n.name for n in document.network.nodes.values() if type(n.layer) is ReLU) == [
        "relu",
        "relu2",
    ]


def test_grouping_takes_blocks_whole(repeated: Pair) -> None:
    document, _block = repeated
    run(document, do.group_as_block(document.network, document.fresh_id, ["conv1", "input"], [], "head"))
    assert document.network.path("conv1") == "head.stage.conv1"
    assert document.network.path("relu") == "head.stage.relu"


def test_duplicate_lies_beside() -> None:
    document = small()
    run(document, do.move(document.network, {"conv1": (10.0, 20.0)}))
    change = run(document, do.duplicate(document.network, document.fresh_id, ["conv1", "relu"]))
    names = {document.network.nodes[node].name for node in change.nodes}
    assert names == {"conv2", "relu2"}
    assert "conv2>relu2" in arrows(document.network)
    twin = next(node for node in document.network.nodes.values() if node.name == "conv2")
    assert twin.position == (34.0, 44.0)


def residual() -> Fragment:
    """A block whose one source feeds two layers."""
    network = wired({"i": Input((8, 16, 16)), "conv": Conv2d(8, padding="same"), "add": Add()},
                    "i>conv", "conv>add", "i>add:1")  # fmt: skip
    network = done(network, do.group_as_block(network, lambda p: p, ["conv", "add"], [], "residual"))
    return copy(network, [], list(network.blocks))


def test_a_fragment_after_a_node_takes_its_place() -> None:
    fragment = residual()
    assert fragment.entries == (("conv", 0), ("add", 1))
    document = Document(chain(Input((8, 16, 16)), ReLU()))
    change = run(document, do.insert_fragment(document.network, document.fresh_id, fragment, after="input"))
    assert change.title == "Insert residual after input"
    assert arrows(document.network) == {
        "input>residual.conv", "input>residual.add:1", "residual.conv>residual.add", "residual.add>relu"
    }  # fmt: skip
    assert document.inference.totals.exact
    link = next(link.id for link in document.network.topology.incoming["relu"])
    run(document, do.insert_fragment(document.network, document.fresh_id, fragment, link=link))
    assert "residual2.add>relu" in arrows(document.network)


def test_a_network_put_between_others_loses_its_ends() -> None:
    whole = chain(Input((8, 16, 16)), Conv2d(4), ReLU(), Output(), name="Tiny")
    document = Document(chain(Input((8, 16, 16)), Flatten()))
    fragment = copy(whole, whole.nodes)
    run(document, do.insert_fragment(document.network, document.fresh_id, fragment, after="input"))
    assert arrows(document.network) == {"input>conv1", "conv1>relu", "relu>flatten"}


def test_a_loose_fragment_goes_where_it_is_put() -> None:
    document = Document(Network())
    change = run(
        document, do.insert_fragment(document.network, document.fresh_id, residual(), position=(5.0, 6.0))
    )
    assert [n.position for n in document.network.nodes.values()].count((5.0, 6.0)) == 1
    assert change.blocks
    lonely = copy(chain(Input()), ["input"])
    with pytest.raises(UserError, match="no free input"):
        do.insert_fragment(
            document.network, document.fresh_id, lonely, after=next(iter(document.network.nodes))
        )


def test_shared_weights_are_edited_as_one() -> None:
    network = wired(
        {"i": Input((3, 8, 8)), "j": Input((3, 8, 8)), "a": Conv2d(4), "b": Conv2d(4)}, "i>a", "j>b"
    )
    from dataclasses import replace

    from msgspec.structs import replace as put

    nodes = dict(network.nodes)
    for name in "ab":
        nodes[name] = put(nodes[name], group="g")
    network = replace(network, nodes=nodes, groups={"g": Group("g", True)})
    after = done(network, do.set_fields(network, "b", {"out_channels": 16}))
    assert after.nodes["a"].layer == Conv2d(16)
    after = done(network, do.delete(network, lambda p: p, ["b"]))
    assert after.nodes["a"].group is None
    assert not after.groups


@pytest.mark.parametrize("count", [0, 1001])
def test_repeat_has_bounds(repeated: Pair, count: int) -> None:
    document, block = repeated
    with pytest.raises(UserError, match="1 to 1000"):
        do.repeat(document.network, document.fresh_id, block, count)


def test_nothing_selected_is_said() -> None:
    network = small().network
    with pytest.raises(UserError, match="Nothing is selected"):
        do.delete(network, lambda p: p)
    with pytest.raises(UserError, match="Nothing is selected"):
        do.group_as_block(network, lambda p: p, [], [], "x")
    with pytest.raises(UserError, match="Nothing is selected"):
        copy(network, [])
