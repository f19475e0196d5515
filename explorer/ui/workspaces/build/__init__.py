"""Build: assemble a network and see every size and count while it changes."""

from explorer.ui.workspaces.build.workspace import BuildWorkspace

__all__ = ["BuildWorkspace"]
