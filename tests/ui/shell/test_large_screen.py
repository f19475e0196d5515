"""Where type would be tiny, larger type is offered, once."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QScreen

from explorer.ui.shell import large_screen
from explorer.ui.shell.large_screen import offer_larger, tiny
from explorer.ui.shell.messages import Message
from explorer.ui.theme import theme
from explorer.ui.window import Window


@pytest.mark.parametrize(
    ("across", "density", "dots", "is_tiny"),
    [
        (3840, 1.0, 96, True),
        (1920, 2.0, 96, False),
        (3840, 1.0, 144, False),
        (2560, 1.0, 96, False),
        (1280, 1.0, 96, False),
    ],
)
def test_a_screen_is_fine_where_nothing_scales_it(
    across: int, density: float, dots: float, is_tiny: bool
) -> None:
    assert tiny(across, density, dots) is is_tiny


def test_it_is_offered_once_and_done_by_the_button(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    screen: QScreen = window.screen()
    monkeypatch.setattr(large_screen, "FINE", screen.size().width())
    said: list[Message] = []
    window.messages.said.connect(said.append)
    offer_larger(window)
    offer_larger(window)
    assert len(said) == 1
    said[0].buttons[0][1]()
    assert theme().projector
    window.choose_theme("light", projector=False)
