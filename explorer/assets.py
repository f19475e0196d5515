"""Finds `assets/` in a checkout, in an installed wheel, and in a bundle."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from explorer.network.errors import UserError


def _candidates() -> list[Path]:
    package = Path(__file__).resolve().parent
    places = [package / "_assets", package.parent / "assets"]
    bundle = getattr(sys, "_MEIPASS", None)
    if bundle is not None:
        places[:0] = [Path(bundle) / "assets", Path(bundle) / "explorer" / "_assets"]
    return places


@cache
def assets_folder() -> Path:
    """The folder that ships with the program; its list of licences tells it from another `assets`."""
    for place in _candidates():
        if (place / "LICENSES.md").is_file():
            return place
    raise UserError("The folder 'assets' of ConvNet Explorer is missing; install the program again.")


def asset(*parts: str) -> Path:
    """The path of one shipped file or folder, `asset("icons", "undo.svg")`; a missing one is a UserError."""
    path = assets_folder().joinpath(*parts)
    if not path.exists():
        name = "/".join(parts)
        raise UserError(f"'{name}' is missing from {assets_folder()}; install ConvNet Explorer again.")
    return path
