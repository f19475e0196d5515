"""The line of tabs: nothing is cut off, whatever the width."""

from __future__ import annotations

from itertools import pairwise

import pytest

from explorer.ui.workspaces.faces.workspace import FacesWorkspace


@pytest.mark.parametrize("width", [260, 420, 560, 700, 1200])
def test_every_tab_is_whole_or_in_the_menu(faces: FacesWorkspace, width: int) -> None:
    strip = faces.strip
    strip.resize(width, 30)
    shown = [button for button in strip.buttons if not button.isHidden()]
    assert strip.buttons[0] in shown
    parts = [*shown, *([] if strip.more.isHidden() else [strip.more]), strip.source]
    for left, right in pairwise(parts):
        assert left.geometry().right() < right.geometry().left()
    assert all(button.width() >= button.sizeHint().width() for button in shown)
    assert strip.more.isHidden() == (len(shown) == len(strip.buttons))


def test_a_tab_from_the_menu_is_shown(faces: FacesWorkspace) -> None:
    faces.strip.resize(300, 30)
    menu = faces.strip.open_more()
    last = menu.actions()[-1]
    assert last.text() == faces.tabs[-1].title
    last.trigger()
    menu.close()
    assert faces.tab is faces.tabs[-1]
    assert faces.strip.buttons[-1].isChecked()
    assert not faces.strip.buttons[-1].isHidden()
