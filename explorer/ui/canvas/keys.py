"""The keyboard on the canvas: every key and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from explorer.ui.canvas.metrics import SNAP
from explorer.ui.canvas.walking import Way

if TYPE_CHECKING:
    from explorer.ui.canvas.canvas import Canvas

TOLD = (
    ("Go along the links, to the sides", "arrows"),
    ("Select more", "Shift+arrows"),
    ("Move a card", "Alt+arrows"),
    ("Next layer, previous layer", "Tab, Shift+Tab"),
    ("Fold, unfold; to the settings", "Enter"),
    ("Select a link, the next one", "L"),
    ("Fit on the screen", "F"),
    ("Pan with the mouse", "Space"),
    ("What can be done here", "Shift+F10"),
)
"""The keys that are no action's shortcut, as a person reads them."""

_WAYS: dict[int, Way] = {
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right",
}
_NUDGES = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}


def handle(canvas: Canvas, event: QKeyEvent) -> bool:
    """Do what a key stands for; False if it stands for nothing here."""
    standard = {
        QKeySequence.StandardKey.Copy: canvas.copy,
        QKeySequence.StandardKey.Cut: canvas.cut,
        QKeySequence.StandardKey.Paste: canvas.paste,
        QKeySequence.StandardKey.SelectAll: canvas.select_all,
        QKeySequence.StandardKey.Undo: canvas.undo,
        QKeySequence.StandardKey.Redo: canvas.redo,
    }
    for key, command in standard.items():
        if event.matches(key):
            command()
            return True
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    way = _WAYS.get(event.key())
    if way is not None:
        return _arrow(canvas, way, held)
    if held == Qt.KeyboardModifier.ControlModifier:
        return _with_control(canvas, event.key())
    if held == Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier:
        return _with_control_and_shift(canvas, event.key())
    if held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        return _plain(canvas, event)
    return False


def _arrow(canvas: Canvas, way: Way, held: Qt.KeyboardModifier) -> bool:
    if held == Qt.KeyboardModifier.AltModifier:
        dx, dy = _NUDGES[way]
        canvas.nudge(dx * SNAP, dy * SNAP)
        return True
    if held in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        canvas.walk(way, extend=held == Qt.KeyboardModifier.ShiftModifier)
        return True
    return False


def _with_control(canvas: Canvas, key: int) -> bool:
    command = {
        Qt.Key.Key_D: canvas.duplicate,
        Qt.Key.Key_G: canvas.group,
        Qt.Key.Key_J: canvas.connect_selected,
        Qt.Key.Key_0: canvas.zoom_reset,
        Qt.Key.Key_Plus: canvas.zoom_in,
        Qt.Key.Key_Equal: canvas.zoom_in,
        Qt.Key.Key_Minus: canvas.zoom_out,
    }.get(Qt.Key(key))
    if command is not None:
        command()
    return command is not None


def _with_control_and_shift(canvas: Canvas, key: int) -> bool:
    command = {Qt.Key.Key_G: canvas.ungroup, Qt.Key.Key_J: canvas.disconnect_selected}.get(Qt.Key(key))
    if command is not None:
        command()
    return command is not None


def _plain(canvas: Canvas, event: QKeyEvent) -> bool:
    command = {
        Qt.Key.Key_Delete: canvas.delete,
        Qt.Key.Key_Backspace: canvas.delete,
        Qt.Key.Key_Return: canvas.activate,
        Qt.Key.Key_Enter: canvas.activate,
        Qt.Key.Key_F: canvas.fit,
        Qt.Key.Key_L: canvas.select_link,
        Qt.Key.Key_F2: canvas.rename,
        Qt.Key.Key_Plus: canvas.zoom_in,
        Qt.Key.Key_Equal: canvas.zoom_in,
        Qt.Key.Key_Minus: canvas.zoom_out,
        Qt.Key.Key_0: canvas.zoom_reset,
        Qt.Key.Key_Escape: canvas.escape,
        Qt.Key.Key_Menu: canvas.menu_at_selection,
    }.get(Qt.Key(event.key()))
    if event.key() == Qt.Key.Key_F10 and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        command = canvas.menu_at_selection
    if command is not None:
        command()
    return command is not None
