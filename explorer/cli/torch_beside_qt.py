"""Windows: lets torch be imported after Qt has been.

Since torch 2.9 that has failed with WinError 1114 (pytorch issue 166628) unless torch's `c10.dll` was loaded
before Qt's libraries. Not tried on a Windows machine yet; `explorer doctor` says whether the loading works.
"""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path


def c10_library() -> Path | None:
    """Where torch keeps it; None if torch is missing. Does not import torch."""
    spec = find_spec("torch")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "lib" / "c10.dll"


def load_c10() -> None:
    """Loads it, before Qt is imported; nothing happens without torch. OSError if it cannot be loaded."""
    library = c10_library()
    if library is not None:
        ctypes.CDLL(str(library))
