"""What a tab of Faces is to its workspace."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from explorer.ui.actions import Action
from explorer.ui.workspaces.faces.model import FacesModel


class Tab(QObject):
    """One tab: made when Faces is first shown, with the model that all tabs share.

    `widget` fills the middle; `side`, if there is one, stands at the right from top to bottom.
    `live` tabs look at the camera: the feed runs only while one of them is on show.
    """

    title = ""
    live = False

    def __init__(self, model: FacesModel) -> None:
        super().__init__()
        self.model = model
        self.widget: QWidget = QWidget()
        self.side: QWidget | None = None

    def shown(self) -> None:
        """The person looks at it from now on."""

    def hidden(self) -> None:
        """The person does not see it any more: stop what costs."""

    def close_down(self) -> None:
        """The window closes: end what runs."""

    def actions(self) -> Sequence[Action]:
        """What it adds to the menus and the palette."""
        return ()
