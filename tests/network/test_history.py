"""The document: steps, gestures, undo and redo, and one word to the observers for each."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from explorer.network import operations as do
from explorer.network.edits import StaleEdit, change
from explorer.network.history import ChangeSet, Document
from explorer.network.layers import Add, Conv2d, Input, Linear, ReLU
from tests.network.chain import chain, run, wired


@pytest.fixture
def document() -> Document:
    return Document(chain(Input((3, 8, 8)), Conv2d(), ReLU()))


def widen(document: Document, channels: int, key: str | None = None) -> None:
    step = do.set_fields(document.network, "conv1", {"out_channels": channels})
    document.apply(step.title, step.edits, key)


def test_undo_and_redo(document: Document) -> None:
    first = document.network
    widen(document, 8)
    assert (document.can_undo, document.undo_title) == (True, "Set out channels of conv1 to 8")
    second = document.network
    document.undo()
    assert document.network == first
    assert (document.can_redo, document.redo_title) == (True, "Set out channels of conv1 to 8")
    document.redo()
    assert document.network == second
    document.undo()
    widen(document, 4)
    assert not document.can_redo
    assert (document.redo_title, document.undo_title) == ("", "Set out channels of conv1 to 4")


def test_undo_with_nothing_to_undo(document: Document) -> None:
    revision = document.revision
    document.undo()
    document.redo()
    assert document.revision == revision


def test_a_gesture_is_one_step(document: Document) -> None:
    first = document.network
    for channels in range(1, 51):
        widen(document, channels, "drag")
    assert document.network.nodes["conv1"].layer == Conv2d(50)
    document.undo()
    assert document.network == first
    assert not document.can_undo


def test_a_sealed_gesture_is_a_step_of_its_own(document: Document) -> None:
    widen(document, 8, "drag")
    document.seal()
    widen(document, 16, "drag")
    document.undo()
    assert document.network.nodes["conv1"].layer == Conv2d(8)
    document.seal()
    document.redo()
    widen(document, 32, "drag")
    document.undo()
    assert document.network.nodes["conv1"].layer == Conv2d(16)


def test_a_gesture_that_ends_where_it_began_is_no_step(document: Document) -> None:
    widen(document, 8, "drag")
    widen(document, 64, "drag")
    assert not document.can_undo


def test_observers_are_told_once_a_step(document: Document) -> None:
    told: list[ChangeSet] = []
    stop = document.changed.connect(told.append)
    before = document.network
    step = run(document, do.append_after(document.network, document.fresh_id, "conv1", ReLU()))
    assert len(told) == 1
    assert told[0].nodes == set(step.nodes)
    assert len(told[0].links) == 3
    assert (told[0].blocks, told[0].groups) == (frozenset(), frozenset())
    assert (told[0].before, told[0].after) == (before, document.network)
    document.undo()
    assert told[1].title == f"Undo {step.title}"
    assert told[1].nodes == told[0].nodes
    document.apply("Nothing", ())
    stop()
    document.redo()
    assert len(told) == 2


def test_an_edit_that_does_not_fit_changes_nothing(document: Document) -> None:
    other = replace(document.network.nodes["conv1"], layer=Conv2d(9))
    before, revision = document.network, document.revision
    with pytest.raises(StaleEdit):
        document.apply("Wrong", [change(other, replace(other, layer=Conv2d(10)))])
    assert document.network is before
    assert (document.revision, document.can_undo) == (revision, False)


def test_undo_brings_branches_back_in_their_order() -> None:
    nodes = {"i": Input((8,)), "a": Linear(8), "b": Linear(8), "c": Linear(8), "m": Add()}
    document = Document(wired(nodes, "i>a", "i>b", "i>c", "a>m", "b>m:1", "c>m:2"))
    order, links = document.network.topology.order, list(document.network.links)
    run(document, do.delete(document.network, document.fresh_id, ["a"]))
    document.undo()
    assert document.network.topology.order == order
    assert list(document.network.links) == links
    document.redo()
    document.undo()
    assert document.network.topology.order == order
    step = do.delete(document.network, document.fresh_id, ["a"])
    document.apply(step.title, step.edits, "gesture")
    step = do.delete(document.network, document.fresh_id, ["b"])
    document.apply(step.title, step.edits, "gesture")
    document.undo()
    assert document.network.topology.order == order


def test_the_inference_follows(document: Document) -> None:
    widen(document, 8)
    assert document.inference.results["relu"].output == (8, 6, 6)
    assert document.inference is document.inference
    document.undo()
    assert document.inference.results["relu"].output == (64, 6, 6)


def test_fresh_ids_are_new(document: Document) -> None:
    found = {document.fresh_id("conv") for _ in range(20)}
    assert len(found) == 20
    assert not found & set(document.network.nodes)
