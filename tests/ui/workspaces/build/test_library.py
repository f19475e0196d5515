from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest

from explorer.network.errors import UserError
from explorer.network.fragment import copy
from explorer.network.layers import LAYERS
from explorer.session.session import OpenNetwork
from explorer.ui.canvas.item_mime import Item, decode
from explorer.ui.canvas.library_item import COMMON
from explorer.ui.workspaces.build.library import LibraryPanel
from explorer.ui.workspaces.build.library_rows import first_sentence, rows
from explorer.ui.workspaces.build.library_view import ghost
from explorer.ui.workspaces.build.saved_blocks import SUFFIX, SavedBlocks
from explorer.zoo import catalogue
from tests.ui.workspaces.build.waiting import settle


@pytest.fixture
def blocks(tmp_path: Any) -> SavedBlocks:
    return SavedBlocks(tmp_path / "blocks")


@pytest.fixture
def library(blocks: SavedBlocks, qapp: Any) -> LibraryPanel:
    made = LibraryPanel(blocks)
    made.resize(220, 700)
    made.show()
    qapp.processEvents()
    return made


def titles(library: LibraryPanel) -> list[str]:
    return [row.title for row in library.model.rows]


def test_everything_has_its_place() -> None:
    found = rows([], all_layers=True)
    assert {row.name for row in found if row.kind == "layer"} == {layer.__name__ for layer in LAYERS}
    assert {row.name for row in found if row.kind == "network"} == {e.name for e in catalogue.entries()}
    assert all(row.tip for row in found if row.is_item)
    headings = [row.title for row in found if row.kind == "heading" and row.level == 0]
    assert headings == ["Layers", "Blocks", "Classic networks"]


def test_the_common_layers_are_there() -> None:
    assert set(COMMON) <= {layer.__name__ for layer in LAYERS}


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.__name__)
def test_a_layer_is_told_in_one_sentence(layer: Any) -> None:
    sentence = first_sentence(layer)
    assert sentence.endswith(".")
    assert len(sentence) < 160


def test_search_finds_by_title_keyword_and_torch_name(library: LibraryPanel) -> None:
    QTest.keyClicks(library.search, "depthwise")
    assert titles(library)[:2] == ["Layers", "Depthwise convolution"]
    assert "Depthwise separable" in titles(library)
    library.search.clear()
    QTest.keyClicks(library.search, "he zhang")
    assert "ResNet-34" in titles(library)
    library.search.clear()
    QTest.keyClicks(library.search, "xyzzy")
    assert not library.model.rows
    assert library._nothing.isVisible()


def test_enter_in_the_search_takes_the_first_that_fits(library: LibraryPanel) -> None:
    chosen = QSignalSpy(library.chosen)
    QTest.keyClicks(library.search, "vgg-16")
    QTest.keyClick(library.search, Qt.Key.Key_Return)
    assert chosen.at(0) == ["network", "vgg16"]


def test_the_list_is_walked_by_keys_and_headings_are_passed_over(library: LibraryPanel) -> None:
    QTest.keyClick(library.search, Qt.Key.Key_Down)
    assert library.view.hasFocus()
    seen: list[str] = []
    for _ in range(len(library.model.rows)):
        row = library.view.current_row()
        assert row is not None
        if not seen or seen[-1] != row.title:
            seen.append(row.title)
        QTest.keyClick(library.view, Qt.Key.Key_Down)
    assert seen == [row.title for row in library.model.rows if row.kind != "heading"]
    chosen = QSignalSpy(library.chosen)
    QTest.keyClick(library.view, Qt.Key.Key_Return)
    assert chosen.at(0)[0] == "network"
    library.view.select_first()
    QTest.keyClick(library.view, Qt.Key.Key_Up)
    assert library.search.hasFocus()


def test_all_layers_open_by_family(library: LibraryPanel) -> None:
    before = len(library.model.rows)
    library._choose(next(row for row in library.model.rows if row.kind == "more"))
    assert len(library.model.rows) > before + 20
    assert "Normalization" in titles(library)
    library._choose(next(row for row in library.model.rows if row.kind == "more"))
    assert len(library.model.rows) == before


def test_what_is_dragged_names_the_item_and_has_a_ghost(library: LibraryPanel) -> None:
    place = titles(library).index("Convolution")
    data = library.model.mimeData([library.model.index(place, 0)])
    assert decode(data) == Item("layer", "Conv2d")
    picture = ghost(library.model.rows[place], 2.0)
    assert not picture.isNull()
    assert picture.devicePixelRatio() == 2.0
    assert library.model.flags(library.model.index(0, 0)) == Qt.ItemFlag.NoItemFlags


def test_own_blocks_are_saved_renamed_removed_and_brought_back(
    library: LibraryPanel, blocks: SavedBlocks, tab: OpenNetwork
) -> None:
    fragment = copy(tab.document.network, (), ["stage.0"])
    library.save(fragment, "My block")
    library.save(fragment, "My block")
    assert blocks.names() == ["My block", "My block 2"]
    row = library.view.current_row()
    assert row is not None
    assert (row.kind, row.name) == ("saved", "My block 2")
    library.model.setData(library.view.currentIndex(), "Twice")
    settle()
    assert blocks.names() == ["My block", "Twice"]
    removed = QSignalSpy(library.removed)
    library.view.setFocus()
    QTest.keyClick(library.view, Qt.Key.Key_Delete)
    assert blocks.names() == ["My block"]
    name, held = removed.at(0)
    library.restore(name, held)
    assert blocks.names() == ["My block", "Twice"]
    assert set(blocks.load("Twice").network.nodes) == set(fragment.network.nodes)


def test_a_damaged_block_is_told_in_one_sentence(blocks: SavedBlocks, tmp_path: Any) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks" / f"Odd{SUFFIX}").write_text("{not json")
    assert blocks.names() == ["Odd"]
    with pytest.raises(UserError, match=r"^The saved block 'Odd' is damaged: "):
        blocks.load("Odd")
    with pytest.raises(UserError, match="cannot be read any more"):
        blocks.load("gone")


def test_a_name_is_never_a_path(blocks: SavedBlocks, tab: OpenNetwork, tmp_path: Any) -> None:
    name = blocks.free_name("../../evil: a*b")
    blocks.save(name, copy(tab.document.network, ["conv1"]))
    assert [path.parent.name for path in tmp_path.rglob(f"*{SUFFIX}")] == ["blocks"]
