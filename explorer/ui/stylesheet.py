"""The one stylesheet, generated from the tokens: what Fusion with a palette does not already draw calmly.

Widgets choose a variant with a dynamic property: `kind` on buttons (primary, quiet, link) and `role` on
labels (muted, label, value, heading, title, display, error); frames take `ground` (panel, window, card).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.ui.theme import Tokens

_SHEET = """
QWidget#window, QMainWindow, QDialog { background: @window; }
QFrame[ground="panel"], QWidget[ground="panel"] { background: @panel; }
QFrame[ground="window"], QWidget[ground="window"] { background: @window; }
QFrame[ground="canvas"], QWidget[ground="canvas"] { background: @canvas; }
QFrame[ground="card"] { background: @card; border: 1px solid @line; border-radius: #8; }
QFrame[ground="well"] { background: @field; border: 1px solid @line; border-radius: #6; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }

QLabel { background: transparent; color: @text; }
QLabel[role="muted"] { color: @muted; }
QLabel[role="value"] { font-size: #12; }
QLabel[role="figure"] { font-size: #12; font-weight: 600; }
QLabel[role="note"] { font-size: #12; color: @muted; }
QLabel[role="label"] { font-size: #11; color: @muted; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="heading"] { font-size: #14; font-weight: 600; }
QLabel[role="title"] { font-size: #18; font-weight: 600; }
QLabel[role="display"] { font-size: #26; font-weight: 600; }
QLabel[role="error"] { color: @error; }
QLabel:disabled { color: @line_strong; }

QPushButton, QToolButton {
    background: @panel; color: @text; border: 1px solid @line; border-radius: #6;
    padding: #4 #12; min-height: #18; }
QToolButton { padding: #4; }
QPushButton:hover, QToolButton:hover { background: @hover; border-color: @line_strong; }
QPushButton:pressed, QToolButton:pressed { background: @line; }
QPushButton:checked, QToolButton:checked { background: @accent_wash; color: @accent;
    border-color: @accent_wash; }
QPushButton:focus, QToolButton:focus { border: 2px solid @accent; padding: #3 #11; }
QToolButton:focus { padding: #3; }
QPushButton:disabled, QToolButton:disabled { color: @line_strong; background: @window; border-color: @line; }
QPushButton[kind="primary"] {
    background: @accent; color: @on_accent; border: 1px solid @accent; padding: #4 #14; }
QPushButton[kind="primary"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[kind="primary"]:pressed { background: @accent; }
QPushButton[kind="primary"]:focus { border: 2px solid @text; padding: #3 #13; }
QPushButton[kind="primary"]:disabled { background: @line; border-color: @line; color: @muted; }
QPushButton[kind="quiet"], QToolButton[kind="quiet"] { background: transparent;
    border: 1px solid transparent; }
QPushButton[kind="quiet"]:hover, QToolButton[kind="quiet"]:hover { background: @hover; }
QPushButton[kind="quiet"]:pressed, QToolButton[kind="quiet"]:pressed { background: @line; }
QPushButton[kind="quiet"]:checked, QToolButton[kind="quiet"]:checked { background: @accent_wash;
    color: @accent; }
QPushButton[kind="quiet"]:focus, QToolButton[kind="quiet"]:focus { border: 2px solid @accent; }
QPushButton[kind="link"] { background: transparent; border: 1px solid transparent; color: @accent;
    padding: #2 #2; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:disabled { color: @line_strong; }
QPushButton[kind="link"]:focus { border: 2px solid @accent; padding: #1 #1; }
QPushButton::menu-indicator, QToolButton::menu-indicator { image: none; width: 0px; }

QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox, QComboBox {
    background: @field; color: @text; border: 1px solid @line; border-radius: #6;
    padding: #4 #8; selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: #18; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover { border-color: @line_strong; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QAbstractSpinBox:focus, QComboBox:focus,
QComboBox:on {
    border: 2px solid @accent; padding: #3 #7; }
QPlainTextEdit[kind="code"] { background: @panel; border: 2px solid transparent; border-radius: 0px;
    padding: 0px; }
QPlainTextEdit[kind="code"]:focus { border: 2px solid @accent; padding: 0px; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"] { border: 2px solid @error; padding: #3 #7; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: @muted; background: @window; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 0px; border: none; }
QComboBox { padding-right: #24; }
QComboBox:focus, QComboBox:on { padding-right: #23; }
QComboBox QLineEdit, QComboBox QLineEdit:hover, QComboBox QLineEdit:focus {
    border: none; padding: 0px; min-height: 0px; background: transparent; }
QComboBox::drop-down { border: none; width: #24; }
QComboBox::down-arrow { image: none; }
QComboBox { combobox-popup: 0; }
QComboBox QAbstractItemView {
    background: @card; color: @text; border: 1px solid @line_strong; padding: #4; outline: none;
    selection-background-color: @accent_wash; selection-color: @text; }
QComboBox QAbstractItemView::item { padding: #4 #8; border-radius: #4; }
QComboBox QAbstractItemView::item:selected { background: @accent_wash; color: @text; }

QListView[kind="suggestions"] {
    background: @card; color: @text; border: 1px solid @line_strong; padding: #4; outline: none;
    selection-background-color: @accent_wash; selection-color: @text; }
QListView[kind="suggestions"]::item { padding: #4 #8; border-radius: #4; }
QListView[kind="suggestions"]::item:selected { background: @accent_wash; color: @text; }

QMenuBar { background: transparent; spacing: 0px; }
QMenuBar::item { background: transparent; color: @text; padding: #4 #8; border-radius: #6; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @hover; }
QMenu { background: @card; color: @text; border: 1px solid @line_strong; padding: #4; }
QMenu::item { padding: #5 #24 #5 #8; border-radius: #4; border: 1px solid transparent; }
QMenu::item:selected { background: @accent_wash; border-color: @accent; color: @text; }
QMenu::item:disabled { color: @line_strong; }
QMenu::separator { height: 1px; background: @line; margin: #4 #8; }
QMenu::icon { padding-left: #8; }
QToolTip { background: @card; color: @text; border: 1px solid @line_strong; padding: #4 #8; }

QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: #12; margin: 0; }
QScrollBar:horizontal { height: #12; margin: 0; }
QScrollBar::handle { background: @line_strong; border-radius: #3; margin: #3; }
QScrollBar::handle:vertical { min-height: #32; }
QScrollBar::handle:horizontal { min-width: #32; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: @muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }

QSplitter::handle { background: @line; }
QSplitter::handle:hover, QSplitter::handle:pressed { background: @accent; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }

QAbstractItemView { background: @panel; color: @text; border: none; outline: none;
    alternate-background-color: @panel;
    selection-background-color: @accent_wash; selection-color: @text; }
QAbstractItemView[kind="palette"] { background: transparent; }
QAbstractItemView::item:hover { background: @hover; }
QAbstractItemView::item:selected { background: @accent_wash; color: @text; }
QHeaderView { background: @panel; border: none; }
QHeaderView::section { background: @panel; color: @muted; font-size: #11; border: none;
    border-bottom: 1px solid @line; padding: #4 #8; }
QHeaderView::section:hover { color: @text; background: @hover; }
QTableCornerButton::section { background: @panel; border: none; }

QTabBar { background: transparent; border: none; }
QTabBar::tab { background: transparent; color: @muted; border: none; border-right: 1px solid @line;
    padding: #6 #8 #6 #12; min-width: #72; max-width: #220; min-height: #20; }
QTabBar::tab:hover { background: @hover; color: @text; }
QTabBar::tab:selected { background: @panel; color: @text;
    border-bottom: 2px solid @accent; padding-bottom: #4; }
QTabBar QToolButton { background: @window; }
QLineEdit[kind="palette"], QLineEdit[kind="palette"]:focus {
    background: transparent; border: none; font-size: #14;
    padding: #12 #16; min-height: #20; }
QProgressBar { background: @line; border: none; border-radius: #2; max-height: #4; min-height: #4;
    text-align: center; }
QProgressBar::chunk { background: @accent; border-radius: #2; }
QSlider::groove:horizontal { height: #4; background: @line; border-radius: #2; }
QSlider::sub-page:horizontal { background: @accent; border-radius: #2; }
QSlider::handle:horizontal { background: @accent; border: 2px solid @panel; width: #12; height: #12;
    margin: -#6 0; border-radius: #7; }
QSlider::handle:horizontal:focus { border: 2px solid @text; }
"""


def stylesheet(tokens: Tokens) -> str:
    """The sheet with `@name` replaced by token colours and `#n` by lengths in this theme's pixels."""
    import re

    def color(match: re.Match[str]) -> str:
        return str(getattr(tokens, match.group(1)).name())

    def length(match: re.Match[str]) -> str:
        return f"{tokens.px(int(match.group(1)))}px"

    return re.sub(r"@(\w+)", color, re.sub(r"#(\d+)(?![\w])", length, _SHEET))
