"""Where settings, state and caches belong on this system, and nothing of ours anywhere else.

`CONVNET_EXPLORER_HOME` moves all of them under one folder: for a portable copy, and for the tests.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP = "convnet-explorer"


def _folder(kind: str, system: str) -> Path:
    home = os.environ.get("CONVNET_EXPLORER_HOME")
    path = Path(home) / kind if home else Path(system)
    path.mkdir(parents=True, exist_ok=True)
    return path


def settings_folder() -> Path:
    """Preferences that a person set: theme, geometry, shortcuts. Made if missing."""
    return _folder("settings", platformdirs.user_config_dir(APP, appauthor=False))


def state_folder() -> Path:
    """What the program remembers by itself: recents, autosaves, logs, progress. Made if missing."""
    return _folder("state", platformdirs.user_state_dir(APP, appauthor=False))


def data_folder() -> Path:
    """What a person would miss: kept runs, the gallery. Made if missing."""
    return _folder("data", platformdirs.user_data_dir(APP, appauthor=False))


def cache_folder() -> Path:
    """What can be fetched or computed again: downloads, spilled tensors. Made if missing."""
    return _folder("cache", platformdirs.user_cache_dir(APP, appauthor=False))
