"""Faces: verify, recognise and enrol before a camera, and what lies under it."""

from explorer.ui.workspaces.faces.workspace import FacesWorkspace

__all__ = ["FacesWorkspace"]
