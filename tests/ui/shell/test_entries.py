"""Every workspace of the rail in the real window: it opens, and no two offer the same id or key."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.imaging.filtering import Filter, show
from explorer.imaging.kernels import BY_NAME
from explorer.ui.app import ENTRIES
from explorer.ui.shell.settings import Settings
from explorer.ui.window import Window


@pytest.mark.allows("Qt Multimedia", "pulse", "PipeWire", "FFmpeg", "Couldn't (load|resolve)")
def test_workspaces_follow_each_other(qapp: Any, tmp_path: Any) -> None:
    # OpenCV starts its own threads at the first large picture, named as the thread that shows it.
    show(np.zeros((1080, 1920, 3), np.uint8), Filter(BY_NAME["box-7"]))
    window = Window(ENTRIES, Settings(tmp_path))
    window.show()
    try:
        shown = [entry.name for entry in ENTRIES if not entry.needs_network]
        for name in (*shown, *reversed(shown)):
            window.show_workspace(name)
            qapp.processEvents()
            assert window.workspace is window.workspaces[name]
            assert list(window.commands(""))
    finally:
        window.close()
        window.deleteLater()
        qapp.processEvents()
