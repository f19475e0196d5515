"""The tabs: opening, closing, what counts as modified, and a selection that never names what is gone."""

from __future__ import annotations

from pathlib import Path

import msgspec

from explorer.network.edits import add, change, remove, set_property
from explorer.network.graph import Link, Network, Node
from explorer.network.layers.boundary import Input
from explorer.session.selection import Selection
from explorer.session.session import OpenNetwork, Session


def network(name: str = "one") -> Network:
    nodes = [Node("in", "input", Input((1, 8, 8))), Node("out", "copy", Input((1, 4, 4)))]
    return Network(name=name, nodes={node.id: node for node in nodes}, links={"l": Link("l", "in", "out")})


def test_opening_activates_and_announces_once_each() -> None:
    session = Session()
    seen: list[tuple[str, str | None]] = []
    session.opened.connect(lambda tab: seen.append(("opened", tab.title)))
    session.activated.connect(lambda tab: seen.append(("activated", tab.title if tab else None)))
    first = session.open(network("one"))
    second = session.open(network("two"))
    session.activate(second)
    assert session.tabs == [first, second]
    assert session.active is second
    assert seen == [("opened", "one"), ("activated", "one"), ("opened", "two"), ("activated", "two")]


def test_closing_hands_over_to_the_neighbour() -> None:
    session = Session()
    tabs = [session.open(network(name)) for name in ("a", "b", "c")]
    session.activate(tabs[1])
    session.close(tabs[1])
    assert session.active is tabs[2]
    session.close(tabs[2])
    assert session.active is tabs[0]
    session.close(tabs[0])
    assert session.active is None
    assert session.tabs == []


def test_closing_another_tab_leaves_the_active_one() -> None:
    session = Session()
    first, second = session.open(network("a")), session.open(network("b"))
    session.close(first)
    assert session.active is second


def test_undoing_back_to_the_saved_state_is_not_modified(tmp_path: Path) -> None:
    tab = OpenNetwork(1, network())
    assert not tab.modified
    tab.document.apply("Rename", [set_property(tab.document.network, "name", "other")])
    assert tab.modified
    tab.document.undo()
    assert not tab.modified
    tab.document.redo()
    tab.mark_saved(tmp_path / "mine.convnet")
    assert not tab.modified
    assert tab.title == "mine"


def test_retitled_tells_only_real_changes(tmp_path: Path) -> None:
    session = Session()
    tab = session.open(network())
    told: list[tuple[str, bool]] = []
    session.retitled.connect(lambda one: told.append((one.title, one.modified)))
    node = tab.document.network.nodes["in"]
    for size in (9, 10):
        now = tab.document.network.nodes["in"]
        after = msgspec.structs.replace(now, layer=Input((1, size, size)))
        tab.document.apply("Size", [change(now, after)])
    tab.mark_saved(tmp_path / "net.convnet")
    assert node.layer == Input((1, 8, 8))
    assert told == [("one", True), ("net", False)]


def test_recovered_work_counts_as_modified() -> None:
    tab = OpenNetwork(1, network())
    tab.mark_unsaved()
    assert tab.modified


def test_selection_lets_go_of_what_is_deleted() -> None:
    tab = OpenNetwork(1, network())
    tab.selection.set(nodes=["in", "out"], links=["l"])
    tables = tab.document.network
    tab.document.apply("Delete", [remove(tables.links["l"]), remove(tables.nodes["out"])])
    assert tab.selection.nodes == {"in"}
    assert not tab.selection.links
    tab.document.apply("Add", [add(Node("new", "new", Input((1,))))])
    assert tab.selection.nodes == {"in"}


def test_selection_tells_only_changes() -> None:
    selection = Selection()
    told: list[frozenset[str]] = []
    selection.changed.connect(lambda: told.append(selection.nodes))
    selection.set(nodes=["a"])
    selection.set(nodes={"a"})
    selection.clear()
    selection.clear()
    assert told == [frozenset({"a"}), frozenset()]
    assert selection.empty


def test_finding_a_file_that_is_already_open(tmp_path: Path) -> None:
    session = Session()
    tab = session.open(network(), tmp_path / "a.convnet")
    assert session.find(tmp_path / "a.convnet") is tab
    assert session.find(tmp_path / "b.convnet") is None
