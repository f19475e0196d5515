"""What becomes of a fault of the program itself: one line for the person, the rest in a log file."""

from __future__ import annotations

import platform
import shlex
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from explorer.cli.parsing import program_version
from explorer.folders import state_folder

LOG = "faults.log"
LOG_LIMIT = 1 << 20
"""Bytes after which the log starts afresh; one older log is kept beside it."""


def record(error: BaseException, arguments: Sequence[str]) -> str:
    """Appends the traceback to the log; returns the sentence that tells a person of it."""
    first = str(error).strip().splitlines() or [""]
    what = f"{type(error).__name__}: {first[0]}".rstrip(": ")
    try:
        path = _append(_report(error, arguments))
    except OSError:
        return f"a fault of the program ({what}); it could not be logged either"
    return f"a fault of the program ({what}); the details are in {path}"


def _report(error: BaseException, arguments: Sequence[str]) -> str:
    heading = (
        f"--- {datetime.now(UTC).isoformat(timespec='seconds')} ConvNet Explorer {program_version()}, "
        f"Python {platform.python_version()}, {platform.platform()}\n"
        f"--- explorer {shlex.join(arguments)}\n"
    )
    return heading + "".join(traceback.format_exception(error)) + "\n"


def _append(text: str) -> Path:
    try:
        path = state_folder() / LOG
        _rotate(path)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError:  # a read-only home: the log is still worth having
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="convnet-explorer-", suffix=".log", delete=False
        ) as file:
            file.write(text)
            path = Path(file.name)
    return path


def _rotate(path: Path) -> None:
    if path.is_file() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".old.log"))
