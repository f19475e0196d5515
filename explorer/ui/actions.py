"""Actions: everything a person can do, declared once.

Menus, shortcuts, tooltips and the command palette are made from these declarations, so none of them can
know an action that another does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from explorer.ui.icons import icon
from explorer.ui.theme import theme

MENUS = ("File", "Edit", "View", "Layer", "Transform", "Help")


def always() -> bool:
    """The predicate of an action that is never greyed out."""
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. Texts are sentence case; `menu` "" keeps it out of the menus but in the palette.

    `section` orders the parts of a menu, with a line between two parts. `shortcut` is portable text
    ("Ctrl+Shift+S", or several with "; " between them). `detail` is a few words more, for the palette,
    where what is `late` stands behind whatever fits nearly as well.
    `live_text` is a text that changes, asked for whenever it is shown ("Undo delete conv1").
    """

    id: str
    text: str
    run: Callable[[], object]
    menu: str = ""
    section: int = 0
    submenu: str = ""
    shortcut: str = ""
    icon: str = ""
    enabled: Callable[[], bool] = always
    checked: Callable[[], bool] | None = None
    detail: str = ""
    keywords: str = ""
    group: str = ""
    live_text: Callable[[], str] | None = None
    late: bool = False

    @property
    def heading(self) -> str:
        """The group it stands under in the palette."""
        return self.group or self.menu or "Actions"

    @property
    def plain(self) -> str:
        """The text as a sentence would name it, without the dots that promise a question."""
        return (self.live_text() if self.live_text else self.text).removesuffix("…")


class Actions(QObject):
    """The registry of one window. Owners (the window, each workspace) add theirs and can take them back."""

    changed = Signal()
    ran = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._owned: dict[str, tuple[Action, ...]] = {}
        self._active: dict[str, Action] = {}
        self._qt: dict[str, QAction] = {}
        theme().changed.connect(self._repaint_icons)

    def set_actions(self, owner: str, actions: Iterable[Action]) -> None:
        """What `owner` offers now, in place of what it offered before; () takes all away.

        Raises ValueError where an id or a shortcut is already another owner's.
        """
        self._owned[owner] = tuple(actions)
        active: dict[str, Action] = {}
        keys: dict[str, str] = {}
        for action in (one for owned in self._owned.values() for one in owned):
            if action.id in active:
                raise ValueError(f"two actions are called {action.id}")
            active[action.id] = action
            for key in sequences(action.shortcut):
                other = keys.setdefault(key.toString(), action.id)
                if other != action.id:
                    raise ValueError(f"{key.toString()} belongs to {other} and to {action.id}")
        for gone in [name for name in self._qt if self._active.get(name) is not active.get(name)]:
            old = self._qt.pop(gone)
            self._window.removeAction(old)
            old.deleteLater()
        self._active = active
        for action in active.values():
            if action.id not in self._qt:
                self._qt[action.id] = self._make(action)
        self.changed.emit()

    def all(self) -> Sequence[Action]:
        """Every action now on offer, in the order they were declared."""
        return tuple(self._active.values())

    def get(self, identifier: str) -> Action:
        """One action by its id; KeyError where nobody offers it."""
        return self._active[identifier]

    def trigger(self, identifier: str) -> bool:
        """Run an action, if it is on offer and enabled; whether it ran."""
        action = self._active.get(identifier)
        if action is None or not action.enabled():
            return False
        self.ran.emit(identifier)
        action.run()
        return True

    def qt(self, identifier: str) -> QAction:
        """The Qt action, for a button or a menu of one's own."""
        return self._qt[identifier]

    def tooltip(self, identifier: str) -> str:
        """The text and the shortcut, as the person's system writes shortcuts."""
        return tooltip(self._active[identifier])

    def fill(self, menu: QMenu, name: str) -> None:
        """Put the actions of one menu into `menu`, with lines between the sections."""
        menu.clear()
        shown = sorted((a for a in self._active.values() if a.menu == name), key=lambda a: a.section)
        before = shown[0].section if shown else 0
        submenus: dict[str, QMenu] = {}
        for action in shown:
            if action.section != before:
                menu.addSeparator()
                before = action.section
            target = menu
            if action.submenu:
                if action.submenu not in submenus:
                    submenus[action.submenu] = menu.addMenu(action.submenu)
                target = submenus[action.submenu]
            target.addAction(self._qt[action.id])

    def show_state(self) -> None:
        """Grey out and tick the Qt actions as their predicates say; called when a menu opens."""
        for identifier, action in self._active.items():
            made = self._qt[identifier]
            made.setEnabled(action.enabled())
            if action.live_text is not None:
                made.setText(action.live_text().replace("&", "&&"))
            if action.checked is not None:
                self._draw_tick(action, made)

    def hide_state(self) -> None:
        """Enable all again when the menu closes: a shortcut asks its predicate when it is hit."""
        for made in self._qt.values():
            made.setEnabled(True)

    def _make(self, action: Action) -> QAction:
        made = QAction(action.text, self._window)
        made.setObjectName(action.id)
        made.setShortcuts(sequences(action.shortcut))
        made.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        made.setToolTip(tooltip(action))
        made.setMenuRole(_ROLES.get(action.id, QAction.MenuRole.NoRole))
        if action.icon and action.checked is None:
            made.setIcon(icon(action.icon, theme().tokens.muted))
        identifier = action.id
        made.triggered.connect(lambda: self.trigger(identifier))
        self._window.addAction(made)
        return made

    def _draw_tick(self, action: Action, made: QAction) -> None:
        ticked = action.checked is not None and action.checked()
        made.setIcon(icon("check", theme().tokens.accent) if ticked else icon("blank"))
        made.setToolTip(tooltip(action) + (", on" if ticked else ", off"))

    def _repaint_icons(self) -> None:
        for identifier, action in self._active.items():
            if action.icon and action.checked is None:
                self._qt[identifier].setIcon(icon(action.icon, theme().tokens.muted))


_ROLES = {
    "app.quit": QAction.MenuRole.QuitRole,
    "help.about": QAction.MenuRole.AboutRole,
    "app.settings": QAction.MenuRole.PreferencesRole,
}


def sequences(shortcut: str) -> list[QKeySequence]:
    """The key sequences of a declared shortcut."""
    return [QKeySequence(part) for part in shortcut.split("; ") if part]


def shortcut_text(action: Action) -> str:
    """The first shortcut as this system writes it, or ""."""
    keys = sequences(action.shortcut)
    return keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""


def tooltip(action: Action) -> str:
    """Text and shortcut of an action, for a tooltip."""
    keys = shortcut_text(action)
    return f"{action.plain} ({keys})" if keys else action.plain
