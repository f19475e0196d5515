"""On a fine screen that the system does not scale, all would be tiny: projector mode is offered, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.ui.window import Window

FINE = 3200
"""From this many pixels across, 13 of them are hard to read on a desk's screen."""
OFFERED = "look/larger-offered"


def tiny(across: int, density: float, dots_per_inch: float) -> bool:
    """Whether type is tiny on a screen of so many logical pixels across.

    `density` is what the system scales by, `dots_per_inch` what fonts are to be made for (96 is plain).
    """
    return across * density >= FINE and density < 1.25 and dots_per_inch < 110


def offer_larger(window: Window) -> None:
    """Offer projector mode where it would help; once, whatever the answer."""
    screen, settings = window.screen(), window.settings
    small = tiny(screen.size().width(), screen.devicePixelRatio(), screen.logicalDotsPerInch())
    if not small or settings.projector or settings.flag(OFFERED, False):
        return
    settings.set_flag(OFFERED, True)
    window.messages.ask(
        "This screen has very small pixels. Projector mode makes everything a third larger (Ctrl+Shift+L).",
        ("Larger", lambda: window.choose_theme(projector=True)),
    )
