"""What the window itself can do, as actions: files, undo, tabs, views, help."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from explorer.ui.actions import Action
from explorer.ui.theme import Choice, theme

if TYPE_CHECKING:
    from explorer.network.history import Document
    from explorer.ui.window import Window
    from explorer.ui.workspace import Entry

THEMES: tuple[tuple[Choice, str, str], ...] = (
    ("system", "Follow the system", "theme"),
    ("light", "Light", "light"),
    ("dark", "Dark", "dark"),
)


def window_actions(window: Window) -> Iterable[Action]:
    """Everything of the File, Edit, View and Help menus that is the same in every workspace."""
    yield from _file_actions(window)
    yield from _edit_actions(window)
    yield from _view_actions(window)
    yield from _help_actions(window)


def _file_actions(window: Window) -> Iterable[Action]:
    files, session = window.files, window.surroundings.session

    def any_open() -> bool:
        return session.active is not None

    yield Action(
        "file.new", "New network", files.new, "File", 0, shortcut="Ctrl+N; Ctrl+T", icon="new",
        keywords="tab empty create",
    )  # fmt: skip
    yield Action(
        "file.open", "Open…", files.open_with_dialog, "File", 0, shortcut="Ctrl+O", icon="open",
        keywords="load convnet file",
    )  # fmt: skip
    yield Action("file.save", "Save", files.save, "File", 1, shortcut="Ctrl+S", icon="save", enabled=any_open)
    yield Action(
        "file.save_as", "Save as…", files.save_as, "File", 1, shortcut="Ctrl+Shift+S", icon="save",
        enabled=any_open,
    )  # fmt: skip
    for name, text, run, symbol, words in (
        ("file", "From a file…", window.weights.choose_file, "open", "safetensors pt pth state dict"),
        (
            "torchvision",
            "From torchvision…",
            window.weights.load_torchvision,
            "download",
            "pretrained imagenet",
        ),
        ("shipped", "Those that ship", window.weights.load_shipped, "file", "trained sample"),
    ):
        yield Action(
            f"file.weights.{name}", text, run, "File", 1, "Load weights", icon=symbol, enabled=any_open,
            detail="weights", keywords=f"load weights trained checkpoint {words}", group="Load weights",
        )  # fmt: skip
    yield Action(
        "file.close", "Close network", files.close, "File", 3, shortcut="Ctrl+W", icon="close",
        enabled=any_open, keywords="tab",
    )  # fmt: skip
    yield Action("app.quit", "Quit", window.close, "File", 4, shortcut="Ctrl+Q", icon="quit", keywords="exit")


def _edit_actions(window: Window) -> Iterable[Action]:
    def on_document(run: Callable[[Document], None]) -> Callable[[], None]:
        def act() -> None:
            tab = window.surroundings.session.active
            if tab is not None:
                run(tab.document)

        return act

    def can(ask: Callable[[Document], bool]) -> Callable[[], bool]:
        def allowed() -> bool:
            tab = window.surroundings.session.active
            return tab is not None and ask(tab.document)

        return allowed

    yield Action(
        "edit.undo", "Undo", on_document(lambda document: document.undo()), "Edit", 0, shortcut="Ctrl+Z",
        icon="undo", enabled=can(lambda document: document.can_undo),
        live_text=lambda: _step("Undo", window, lambda document: document.undo_title),
    )  # fmt: skip
    yield Action(
        "edit.redo", "Redo", on_document(lambda document: document.redo()), "Edit", 0,
        shortcut="Ctrl+Shift+Z; Ctrl+Y", icon="redo", enabled=can(lambda document: document.can_redo),
        live_text=lambda: _step("Redo", window, lambda document: document.redo_title),
    )  # fmt: skip


def _step(word: str, window: Window, title: Callable[[Document], str]) -> str:
    tab = window.surroundings.session.active
    named = title(tab.document) if tab is not None else ""
    return f"{word} {named[:1].lower()}{named[1:]}" if named else word


def _view_actions(window: Window) -> Iterable[Action]:
    session = window.surroundings.session

    def several() -> bool:
        return len(session.tabs) > 1

    yield Action(
        "view.palette", "Search everything…", window.search, "View", 0, shortcut="Ctrl+K; Ctrl+Shift+P",
        icon="search", keywords="command palette find",
    )  # fmt: skip
    for number, entry in enumerate(window.entries, 1):
        yield Action(
            f"view.workspace.{entry.name}", entry.title, partial(window.show_workspace, entry.name),
            "View", 1, shortcut=f"Alt+{number}", icon=entry.icon, detail="workspace",
            enabled=partial(_can_show, window, entry),
        )  # fmt: skip
    for choice, text, symbol in THEMES:
        yield Action(
            f"view.theme.{choice}", text, partial(window.choose_theme, choice), "View", 8, "Theme",
            icon=symbol, checked=partial(_is_theme, choice), detail="theme",
            keywords="theme colours appearance mode", group="Theme",
        )  # fmt: skip
    yield Action(
        "view.projector", "Projector mode", lambda: window.choose_theme(projector=not theme().projector),
        "View", 8, icon="projector", shortcut="Ctrl+Shift+L", checked=lambda: theme().projector,
        detail="large type, high contrast", keywords="beamer zoom accessibility big",
    )  # fmt: skip
    yield Action(
        "view.full_screen", "Full screen", window.toggle_full_screen, "View", 8, shortcut="F11", icon="fit",
        checked=window.isFullScreen,
    )  # fmt: skip
    yield Action(
        "view.next_tab", "Next network", lambda: window.step_tab(1), "View", 9,
        shortcut="Ctrl+Tab; Ctrl+PgDown", enabled=several, icon="chevron-right", keywords="tab",
    )  # fmt: skip
    yield Action(
        "view.previous_tab", "Previous network", lambda: window.step_tab(-1), "View", 9,
        shortcut="Ctrl+Shift+Tab; Ctrl+PgUp", enabled=several, icon="chevron-left", keywords="tab",
    )  # fmt: skip


def _can_show(window: Window, entry: Entry) -> bool:
    return not entry.needs_network or window.session.active is not None


def _is_theme(choice: Choice) -> bool:
    return theme().choice == choice


def _help_actions(window: Window) -> Iterable[Action]:
    yield Action(
        "help.start", "Start page", window.show_start, "Help", 0, icon="home", keywords="home recent classic"
    )
    yield Action(
        "help.shortcuts", "Keyboard shortcuts", window.shortcuts.open, "Help", 0, shortcut="F1",
        icon="keyboard", keywords="keys help",
    )  # fmt: skip
    yield Action(
        "help.log", "Show the log", window.show_log, "Help", 1, icon="file", keywords="errors crash report"
    )
    yield Action("help.about", "About ConvNet Explorer", window.about.open, "Help", 1, icon="info")


def window_commands(window: Window, query: str) -> Iterable[Action]:
    """What the palette offers beside the workspace's own: actions and recent files, and the classic networks
    while the start page shows; they and torchvision's models to those who type.
    """
    symbols = {entry.name: entry.icon for entry in window.entries}
    for action in window.actions_registry.all():
        if action.id != "view.palette":
            symbol = action.icon or symbols.get(action.id.partition(".")[0], "")
            yield replace(action, icon=symbol)
    for path in window.settings.recents:
        yield Action(
            f"recent.{path}", path.stem, partial(window.files.open, path), icon="file",
            detail=str(path.parent), group="Recent files", keywords="open",
        )  # fmt: skip
    if query.strip():
        yield from _torchvision(window)
    here = window.workspace
    if here is None or (query.strip() and not here.offers_networks):
        from explorer.zoo import catalogue

        for entry in catalogue.entries():
            yield Action(
                f"zoo.{entry.name}", entry.title, partial(window.files.open_source, entry.name),
                icon="network", detail=str(entry.year or ""), group="Classic networks",
                keywords=f"open {entry.name}",
            )  # fmt: skip


def _torchvision(window: Window) -> Iterable[Action]:
    from explorer.interop.torchvision_names import NAMES

    for name in NAMES:
        yield Action(
            f"torchvision.{name}", f"torchvision:{name}",
            partial(window.files.open_source, f"torchvision:{name}"),
            icon="network", group="Models of torchvision", keywords="open import torchvision", late=True,
        )  # fmt: skip
