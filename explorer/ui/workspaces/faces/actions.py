"""What Faces adds to the menus, the shortcuts and the palette."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from explorer.ui.actions import Action
from explorer.ui.workspaces.faces.keeping import MEMORY
from explorer.ui.workspaces.faces.tab import Tab

if TYPE_CHECKING:
    from explorer.ui.workspaces.faces.workspace import FacesWorkspace


def faces_actions(faces: FacesWorkspace) -> Sequence[Action]:
    """All of them, those of the tabs included."""
    found = [_tab_action(faces, index, tab) for index, tab in enumerate(faces.tabs, 1)]
    found += [
        Action(
            "faces.verify-pictures", "Verify two pictures…", faces.verify_pictures, menu="File", section=20,
            icon="picture", detail="Are they of one person?", keywords="compare same face",
        ),
        Action(
            "faces.camera", "Start the camera", faces.sources.start_camera, menu="File", section=20,
            icon="camera", keywords="webcam look",
        ),
        Action(
            "faces.file", "Use a video or a picture…", partial(faces.sources.ask_for_file, faces),
            menu="File", section=20, keywords="source camera",
        ),
        Action(
            "faces.bundled", "Try with bundled faces", faces.try_bundled, menu="File", section=20,
            keywords="demo example faces",
        ),
        Action(
            "faces.enrol", "Enrol a person…", partial(faces.start_enrolment, ""), menu="Edit", section=21,
            shortcut="Ctrl+Shift+E", keywords="add gallery face",
        ),
        Action("faces.import", "Import people…", faces.keeping.import_, menu="File", section=21),
        Action(
            "faces.export", "Export the gallery…", faces.keeping.export, menu="File", section=21,
            enabled=faces.has_people,
        ),
        Action(
            "faces.keep", "Keep the gallery on this computer…", faces.keeping.keep, menu="File", section=21,
            enabled=lambda: faces.has_people() and faces.keeping.where == MEMORY, icon="lock",
        ),
    ]  # fmt: skip
    for tab in faces.tabs:
        found += tab.actions()
    return found


def people_commands(faces: FacesWorkspace) -> Iterable[Action]:
    """Everybody who is enrolled, by name, for the palette."""
    for name in faces.model.names():
        yield Action(
            f"faces.verify.{name}", f"Verify {name}", partial(faces.verify_person, name), group="People",
            detail="claimed before the camera",
        )  # fmt: skip


def _tab_action(faces: FacesWorkspace, index: int, tab: Tab) -> Action:
    return Action(
        f"faces.tab.{index}", tab.title, lambda: faces.show_tab(tab), menu="View", section=21,
        shortcut=f"Ctrl+{index}", checked=lambda: faces.tab is tab,
    )  # fmt: skip
