"""Buttons that keep an icon in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from explorer.ui.icons import icon
from explorer.ui.theme import theme


class IconButton(QToolButton):
    """A quiet square button with an icon; `name` is its accessible name and its tooltip."""

    def __init__(self, symbol: str, name: str, shortcut: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._symbol = symbol
        self.setProperty("kind", "quiet")
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({shortcut})" if shortcut else name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme().changed.connect(self._draw)
        self._draw()

    def set_symbol(self, symbol: str, name: str) -> None:
        """Show another icon under another name."""
        self._symbol = symbol
        self.setAccessibleName(name)
        self.setToolTip(name)
        self._draw()

    def _draw(self) -> None:
        tokens = theme().tokens
        self.setIcon(icon(self._symbol, tokens.muted))
        self.setIconSize(QSize(tokens.px(16), tokens.px(16)))


class Button(QPushButton):
    """A push button of a `kind` ("", primary, quiet, link), with an icon if one is named."""

    def __init__(self, text: str, kind: str = "", symbol: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._symbol = symbol
        self._kind = kind
        self.setProperty("kind", kind)
        self.setAccessibleName(text.removesuffix("…"))
        if symbol:
            theme().changed.connect(self._draw)
            self._draw()

    def _draw(self) -> None:
        tokens = theme().tokens
        color = {"primary": tokens.on_accent, "link": tokens.accent}.get(self._kind, tokens.muted)
        self.setIcon(icon(self._symbol, color))
        self.setIconSize(QSize(tokens.px(16), tokens.px(16)))
