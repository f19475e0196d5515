"""The bar at the top: menus, the network's name, whether it is saved, search, export, the main button."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QMenu, QMenuBar, QSizePolicy, QWidget

from explorer.ui.actions import MENUS, Action, Actions, tooltip
from explorer.ui.icons import icon, paint_icon
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.labels import ElidedLabel, Label
from explorer.ui.widgets.panels import Line

HEIGHT = 44


class TopBar(QFrame):
    """Shows what the window tells it; `search` asks for the palette."""

    search = Signal()

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ground", "panel")
        self._actions = actions
        self._primary_action: Action | None = None
        self.menus = QMenuBar()
        self.menus.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.menus.setAccessibleName("Menus")
        self._menu: dict[str, QMenu] = {}
        self._divider = Line(vertical=True)
        self.name = ElidedLabel("", "strong")
        self.name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.saved = Label("", "muted")
        self.searcher = SearchButton("Search actions, layers, networks", "Ctrl+K")
        self.searcher.clicked.connect(self.search)
        self.export = Button("Export…")
        self._export_menu = QMenu(self)
        self._exports: tuple[Action, ...] = ()
        self._export_menu.aboutToShow.connect(self._fill_exports)
        self._export_menu.aboutToHide.connect(self._let_go)
        self.export.setMenu(self._export_menu)
        self.primary = Button("", "primary")
        self.primary.clicked.connect(self._run_primary)
        self._row = QHBoxLayout(self)
        for widget in (self.menus, self._divider, self.name, self.saved):
            self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._row.addStretch(1)
        for control in (self.searcher, self.export, self.primary):
            self._row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        actions.changed.connect(self._fill_menus)
        self._fill_menus()
        theme().changed.connect(self._fit)
        self._fit()
        self.show_document("", "")
        self.show_primary(None)
        self.show_exports(())

    def show_document(self, name: str, saved: str) -> None:
        """The name of the open network and "saved", "edited", or nothing at all."""
        self.name.setText(name)
        self._fit_name()
        self.saved.setText(saved)
        self._divider.setVisible(bool(name) and not self.menus.isNativeMenuBar())
        self.name.setVisible(bool(name))
        self.saved.setVisible(bool(saved))

    def _fit_name(self) -> None:
        """Where room is short the search field gives way first, to its glass alone."""
        wanted = QFontMetrics(theme().font("body", strong=True)).horizontalAdvance(self.name.text()) + 2
        self.name.setMinimumWidth(min(wanted, theme().tokens.px(160)))

    def show_primary(self, action: Action | None) -> None:
        """The main button of the workspace, or none."""
        self._primary_action = action
        self.primary.setVisible(action is not None)
        if action is not None:
            self.primary.setText(action.text)
            self.primary.setAccessibleName(action.plain)
            self.primary.setToolTip(tooltip(action))
            self.primary.setEnabled(action.enabled())

    def show_exports(self, actions: Sequence[Action]) -> None:
        """What Export… offers; without any it is hidden."""
        self._exports = tuple(actions)
        self.export.setVisible(bool(actions))

    def _let_go(self) -> None:
        """Qt does not see the pointer leave a button while its menu, or a dialog after it, has the mouse."""
        self.export.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        self.export.update()

    def _fill_exports(self) -> None:
        self._export_menu.clear()
        for action in self._exports:
            made = self._export_menu.addAction(action.text)
            if action.icon:
                made.setIcon(icon(action.icon, theme().tokens.muted))
            made.setEnabled(action.enabled())
            made.triggered.connect(lambda _=False, one=action: one.run())

    def _run_primary(self) -> None:
        if self._primary_action is not None and self._primary_action.enabled():
            self._primary_action.run()

    def _fill_menus(self) -> None:
        for name in MENUS:
            if name not in self._menu:
                menu = self.menus.addMenu(name)
                open_key = QShortcut(QKeySequence(f"Alt+{name[0]}"), self)
                open_key.activated.connect(partial(self.menus.setActiveAction, menu.menuAction()))
                menu.aboutToShow.connect(self._actions.show_state)
                # After the click has been delivered: a greyed-out action must still be greyed out for it.
                menu.aboutToHide.connect(self._actions.hide_state, Qt.ConnectionType.QueuedConnection)
                self._menu[name] = menu
            menu = self._menu[name]
            self._actions.fill(menu, name)
            menu.menuAction().setVisible(not menu.isEmpty())
        self.menus.updateGeometry()

    def _fit(self) -> None:
        px = theme().tokens.px
        self.setFixedHeight(px(HEIGHT))
        self._divider.setFixedHeight(px(20))
        self._row.setContentsMargins(px(8), 0, px(12), 0)
        self._row.setSpacing(px(8))
        self.menus.setFont(theme().font("body"))
        self._fit_name()


class SearchButton(QAbstractButton):
    """Looks like a search field, opens the palette."""

    def __init__(self, text: str, shortcut: str) -> None:
        super().__init__()
        self.setText(text)
        self._keys = shortcut.replace("+", " ")
        self.setAccessibleName(text)
        self.setToolTip(f"{text} ({shortcut})")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(self._wide() + px(64), px(28))

    def minimumSizeHint(self) -> QSize:
        px = theme().tokens.px
        return QSize(px(32), px(28))  # the glass alone

    def _wide(self) -> int:
        metrics = self.fontMetrics()
        return metrics.horizontalAdvance(self.text()) + metrics.horizontalAdvance(self._keys)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme().tokens
        px = tokens.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focus = self.hasFocus()
        edge = tokens.accent if focus else tokens.line_strong if self.underMouse() else tokens.line
        inset = 1.0 if focus else 0.5
        painter.setPen(QPen(edge, 2 if focus else 1))
        painter.setBrush(tokens.field)
        painter.drawRoundedRect(self.rect().toRectF().adjusted(inset, inset, -inset, -inset), px(6), px(6))
        side = px(14)
        paint_icon(painter, "search", QRect(px(8), (self.height() - side) // 2, side, side), tokens.muted)
        if self.width() < px(120):
            return
        painter.setPen(tokens.muted)
        keys = self.fontMetrics().horizontalAdvance(self._keys)
        room = QRect(px(30), 0, self.width() - px(30) - px(24) - keys, self.height())
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        right = QRect(self.width() - keys - px(10), 0, keys + 1, self.height())
        painter.drawText(right, Qt.AlignmentFlag.AlignVCenter, self._keys)
