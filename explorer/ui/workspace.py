"""What a workspace is to the window: a widget with a place on the rail, actions, and a line of status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from explorer.session.session import Session
from explorer.ui.actions import Action

if TYPE_CHECKING:
    from explorer.media.pictures import Picture
    from explorer.tasks.qt import Runner
    from explorer.ui.shell.messages import Messages
    from explorer.ui.shell.settings import Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a workspace is given: the open networks, what runs its Jobs, where messages and settings go.

    `camera` names the camera, or the video that stands in for one, that was asked for at the start. `show`
    goes to another workspace by its name, `hand` does and gives it a picture with a title to look at, or None
    for the one that is there.
    """

    session: Session
    runner: Runner
    messages: Messages
    settings: Settings
    camera: str | None = None
    show: Callable[[str], object] = field(default=lambda name: None, compare=False)
    hand: Callable[[str, Picture | None, str], object] = field(
        default=lambda name, picture, title: None, compare=False
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the status line: `value` strong, `label` quiet after it ("21.80 M" "parameters").

    `exact` is the tooltip: "21,797,672 parameters". `before` puts the label first ("input" "3 × 224 × 224").
    """

    value: str
    label: str
    exact: str = ""
    before: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """The status line of a workspace. `problems` > 0 shows a count that runs `show_problems`."""

    left: tuple[Figure, ...] = ()
    right: tuple[Figure, ...] = ()
    problems: int = 0
    show_problems: Callable[[], object] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A workspace as the rail knows it before it is made: `make` imports and builds it when first shown."""

    name: str
    title: str
    icon: str
    make: Callable[[Surroundings], Workspace]
    needs_network: bool = True
    invitation: tuple[str, str] | None = None
    """What one comes to it for, as the start page offers it: a few words, and a sentence."""
    imports: tuple[str, ...] = ()
    """Modules that `make` needs: imported beforehand, beside the window, when a person nears it."""


class Workspace(QWidget):
    """The base of every workspace. The window asks; the workspace emits `changed` when an answer is new.

    Actions are asked for once, when the workspace is first shown, and again after `actions_changed`.
    """

    changed = Signal()
    actions_changed = Signal()
    offers_networks = False
    """Whether its `commands` have the classic networks; else the window adds them."""

    def own_actions(self) -> Sequence[Action]:
        """What it adds to the menus, the shortcuts and the palette while it is shown."""
        return ()

    def commands(self, query: str) -> Iterable[Action]:
        """What it adds to the palette alone, for this query: every zoo network, layer, block."""
        return ()

    def keys(self) -> tuple[str, Sequence[tuple[str, str]]]:
        """Keys that are no action's shortcut, for the list of shortcuts: where they hold, (what, key)."""
        return "", ()

    def primary_action(self) -> Action | None:
        """The one button at the right of the top bar."""
        return None

    def export_actions(self) -> Sequence[Action]:
        """The entries of Export…; the button is hidden when there are none."""
        return ()

    def status(self) -> Status:
        """The status line."""
        return Status()

    def may_close(self) -> bool:
        """Whether the window may close now; asks first where something would be lost or cut off."""
        return True

    def take_file(self, path: Path) -> bool:
        """Take a file that was dropped on the window or named in Open, e.g. a picture; whether it did."""
        return False

    def take_picture(self, picture: Picture | None, title: str) -> None:
        """Look at a picture that another workspace shows; None: at the one that is there."""
