"""Whether a file can be written where it is to go, asked before the work that makes it."""

from __future__ import annotations

import os
from pathlib import Path

from explorer.network.errors import UserError


def check_target(path: Path) -> None:
    """Raises UserError where writing is sure to fail: it is a folder, there is none, or it is closed."""
    if os.path.isdir(path):
        raise UserError(f"'{path}' is a folder; name a file in it")
    if not os.path.isdir(path.parent):
        raise UserError(f"there is no folder '{path.parent}'; make it first")
    if not os.access(path.parent, os.W_OK):
        raise UserError(f"nothing may be written into '{path.parent}'; choose another folder")
