"""Where settings, state and caches belong on this system, and nothing of ours anywhere else.

`CONVNET_EXPLORER_HOME` moves all of them under one folder: for a portable copy, and for the tests.
"""

from __future__ import annotations

import os
from pathlib import Path

from explorer.network.errors import UserError

APP = "convnet-explorer"


class NoFolder(UserError, OSError):
    """The system does not let us have a folder of our own."""


def _folder(kind: str, place: str) -> Path:
    home = os.environ.get("CONVNET_EXPLORER_HOME")
    if home:
        path = Path(home) / kind
    else:
        import platformdirs  # not needed, and so not loaded, where a home is named

        path = Path(getattr(platformdirs, place)(APP, appauthor=False))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NoFolder(
            f"the folder '{path}' cannot be made ({error.strerror or error}); "
            "set CONVNET_EXPLORER_HOME to one that can"
        ) from None
    return path


def settings_folder() -> Path:
    """Preferences that a person set: theme, geometry, shortcuts. Made if missing."""
    return _folder("settings", "user_config_dir")


def state_folder() -> Path:
    """What the program remembers by itself: recents, autosaves, logs, progress. Made if missing."""
    return _folder("state", "user_state_dir")


def data_folder() -> Path:
    """What a person would miss: kept runs, the gallery. Made if missing."""
    return _folder("data", "user_data_dir")


def cache_folder() -> Path:
    """What can be fetched or computed again: downloads, spilled tensors. Made if missing."""
    return _folder("cache", "user_cache_dir")
