"""Inference: shapes, counts and fields in one pass that survives errors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as put

from explorer.network import operations as do
from explorer.network.edits import add, apply
from explorer.network.graph import Group, Link
from explorer.network.inference import AxisField, _seen, infer
from explorer.network.layer import Window
from explorer.network.layers import (
    Add,
    Concat,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Input,
    Linear,
    MaxPool2d,
    Multiply,
    ReLU,
)
from tests.network.chain import chain, done, wired


def test_shapes_and_counts() -> None:
    network = chain(Input((1, 28, 28)), Conv2d(6, (5, 5)), ReLU(), MaxPool2d(), Flatten(), Linear(10))
    found = infer(network)
    assert [found.results[node].output for node in network.nodes] == [
        (1, 28, 28), (6, 24, 24), (6, 24, 24), (6, 12, 12), (864,), (10,)
    ]  # fmt: skip
    conv = found.results["conv1"]
    assert (conv.weights, conv.biases, conv.parameters) == (150, 6, 156)
    assert conv.macs == 150 * 24 * 24
    assert conv.activation_bytes == 4 * 6 * 24 * 24
    assert found.totals.parameters == 156 + 8650
    assert found.totals.macs == 150 * 24 * 24 + 8640
    assert found.totals.exact
    assert found.totals.parameter_bytes == 4 * (156 + 8650)
    assert found.input_shapes("conv1") == ((1, 28, 28),)


def test_the_receptive_field_of_a_chain() -> None:
    # 3×3, 2×2 / 2, 3×3: 1 → 3 → 4 → 8 pixels, jump 2.
    network = chain(Input((3, 32, 32)), Conv2d(8), MaxPool2d(), Conv2d(8))
    field = infer(network).results["conv2"].field
    assert field is not None
    assert (field[0].size, field[0].jump, field[0].low, field[0].centre) == (8, 2, 0, 3.5)
    assert field[0] == field[1]


def test_the_field_behind_branches_has_a_least_and_a_most() -> None:
    network = wired(
        {"i": Input((3, 32, 32)), "a": Conv2d(3, padding="same"), "m": Add()}, "i>a", "a>m", "i>m:1"
    )
    field = infer(network).results["m"].field
    assert field is not None
    assert (field[0].size, field[0].least_size) == (3, 1)
    assert field[0].low == -1


def test_a_branch_that_is_stretched_sees_alike_however_often_its_merge_is_there() -> None:
    gate = {"p": GlobalAvgPool2d(), "m": Multiply(), "q": GlobalAvgPool2d(), "n": Multiply()}
    network = wired({"i": Input((3, 32, 32)), **gate}, "i>p", "i>m", "p>m:1", "m>q", "m>n", "q>n:1")
    found = infer(network).results  # the second merge is remembered from the first
    for node in ("m", "n"):
        field = found[node].field
        assert field is not None
        assert field[0].jump == 1, node  # one step of the maps, and not of the gate, which has but one value


def test_errors_stop_only_what_depends_on_them() -> None:
    network = wired(
        {"i": Input((3, 8, 8)), "bad": Conv2d(8, (9, 9)), "after": ReLU(), "good": Conv2d(8), "m": Concat()},
        "i>bad", "bad>after", "i>good", "good>m", "after>m:1",
    )  # fmt: skip
    found = infer(network)
    assert found.results["bad"].refusal is not None
    assert found.results["bad"].refusal.code == "kernel_too_large"
    assert found.results["after"].refusal is None
    assert not found.results["after"].known
    assert not found.results["m"].known
    assert found.results["good"].output == (8, 6, 6)
    assert not found.totals.exact
    assert found.totals.parameters == 3 * 9 * 8 + 8
    assert found.input_shapes("m") is None


@pytest.mark.parametrize(
    ("links", "node", "code"),
    [
        (("i>a", "i>b"), "m", "missing_input"),
        (("i>a", "i>b", "a>m"), "m", "missing_input"),
        (("i>a", "i>b", "a>m", "b>m"), "m", "port_taken"),
        (("i>a", "i>b", "b>a:1", "a>m", "b>m:1"), "a", "too_many_inputs"),
        (("i>a", "a>i", "a>m"), "i", "cycle"),
    ],
)
def test_wiring_that_cannot_be(links: tuple[str, ...], node: str, code: str) -> None:
    network = wired({"i": Input((3, 8, 8)), "a": ReLU(), "b": ReLU(), "m": Add()}, *links)
    refusal = infer(network).results[node].refusal
    assert refusal is not None
    assert refusal.code == code


def test_a_port_that_the_source_does_not_have() -> None:
    network = chain(Input((3, 8, 8)), ReLU())
    network = replace(network, links={"l": Link("l", "input", "relu", 1)})
    refusal = infer(network).results["relu"].refusal
    assert refusal is not None
    assert refusal.code == "missing_input"


def test_ports_may_have_gaps() -> None:
    network = wired({"i": Input((3, 8, 8)), "a": ReLU(), "m": Multiply()}, "i>a", "a>m:9", "i>m:2")
    assert infer(network).results["m"].output == (3, 8, 8)


def test_shared_weights_count_once() -> None:
    network = wired(
        {"i": Input((3, 8, 8)), "j": Input((3, 8, 8)), "a": Conv2d(4), "b": Conv2d(4)}, "i>a", "j>b"
    )
    alone = infer(network).totals
    nodes = {key: put(node, group="g" if key in "ab" else None) for key, node in network.nodes.items()}
    shared = infer(replace(network, nodes=nodes, groups={"g": Group("g", True)}))
    repeated = infer(replace(network, nodes=nodes, groups={"g": Group("g", False)}))
    assert shared.totals.parameters == alone.parameters // 2
    assert shared.totals.macs == alone.macs
    assert repeated.totals == alone
    assert [shared.owns_weights(node) for node in "ab"] == [True, False]


def test_training_only_is_counted_in_parameters_alone() -> None:
    network = chain(Input((8,)), Linear(4))
    marked = infer(done(network, do.set_training_only(network, ["fc1"], True))).totals
    plain = infer(network).totals
    assert marked.parameters == plain.parameters
    assert (marked.macs, marked.activation_bytes) == (0, 32)


def test_what_did_not_change_is_reused() -> None:
    network = wired(
        {"i": Input((3, 8, 8)), "a": Conv2d(4), "x": ReLU(), "b": Conv2d(4), "m": Add()},
        "i>a", "a>x", "i>b", "x>m", "b>m:1",
    )  # fmt: skip
    first = infer(network)
    after = apply(network, do.set_fields(network, "a", {"bias": False}).edits)
    second = infer(after, first)
    kept = {node for node in after.nodes if second.results[node] is first.results[node]}
    assert kept == {"i", "b"}
    assert infer(after).results["m"].shaped == second.results["m"].shaped
    assert infer(network, second).totals == first.totals


def test_a_link_to_another_port_is_seen() -> None:
    network = wired({"i": Input((2, 4, 4)), "j": Input((3, 4, 4)), "m": Concat()}, "i>m", "j>m:1")
    first = infer(network)
    moved = apply(network, do.rewire(network, "i>m", target_port=5).edits)
    second = infer(moved, first)
    assert second.input_shapes("m") == ((3, 4, 4), (2, 4, 4))
    assert second.results["m"] is not first.results["m"]
    assert second.results["i"] is first.results["i"]


def test_what_lies_behind_a_new_cycle_is_no_longer_known_and_comes_back_with_the_same_numbers() -> None:
    network = wired(
        {"i": Input((3, 8, 8)), "a": Add(), "b": ReLU(), "c": ReLU()}, "i>a", "i>a:1", "a>b", "b>c"
    )
    first = infer(network)
    looped = apply(network, [add(Link("loop", "b", "a", 0, 2))])
    second = infer(looped, first)
    assert [second.results[node].known for node in "iabc"] == [True, False, False, False]
    assert [second.results[node].refusal is not None for node in "iabc"] == [False, True, True, False]
    swapped = apply(looped, do.set_fields(looped, "i", {"shape": (3, 9, 9)}).edits)
    whole = apply(swapped, do.disconnect(swapped, "loop").edits)
    assert infer(whole, infer(swapped, second)).results["c"].output == (3, 9, 9)


def test_a_layer_that_changes_on_a_cycle_or_beside_one_is_the_one_that_counts() -> None:
    network = wired({"i": Input((3, 8, 8)), "p": Conv2d(4), "a": ReLU(), "b": ReLU()}, "i>p", "a>b", "b>a")
    first = infer(network)
    one = apply(network, do.set_fields(network, "p", {"out_channels": 6}).edits)
    assert infer(one, first).results["p"].output == (6, 6, 6)
    two = apply(one, do.set_layer(one, "a", Conv2d(7)).edits)
    assert infer(two, first).totals == infer(two).totals


def test_a_field_beyond_all_numbers_is_unknown_and_no_fault() -> None:
    axis = AxisField(0, 1e308, 10**309, 1, 1, 0, 0)
    assert _seen((axis, axis), (Window(17, 17, 0), Window(17, 17, 0))) is None
    other = AxisField(0, 1, 1, 1, 1, 0, 0)
    assert _seen((other, axis), (Window(1, 1, 0), Window(17, 17, 0))) is None
