"""Faults of the program: they reach the log and not the terminal, and the person is told calmly."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TextIO

from PySide6.QtCore import QLockFile, QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from explorer.folders import state_folder

LOG_LIMIT = 512_000
"""Bytes after which a log becomes the old log at the next start."""

SAME = 5
"""How often one and the same fault is told: one in a paint event would otherwise fill the disk."""

log = logging.getLogger("explorer")


class Faults(QObject):
    """Takes the hooks of this process; `seen` carries each fault to the window."""

    seen = Signal(object)

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder or state_folder()
        self._handler = _log_to(self._folder / "explorer.log")
        self._name = f"crash-{os.getpid()}-{time.time_ns():x}"  # process ids come again
        self._lock = QLockFile(str(self._folder / f"{self._name}.lock"))
        self._lock.setStaleLockTime(0)
        self._crash: TextIO | None = None
        self._times: Counter[tuple[type[BaseException], int, str]] = Counter()
        self._before: Callable[[], None] = lambda: None

    def install(self) -> None:
        """Take the hooks: exceptions in slots, in threads, in destructors, Qt's own words, hard crashes."""
        before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        qt_before = qInstallMessageHandler(_qt_message)

        def restore() -> None:
            sys.excepthook, threading.excepthook, sys.unraisablehook = before
            qInstallMessageHandler(qt_before)

        self._before = restore
        sys.excepthook = self._exception
        threading.excepthook = lambda args: (
            self._exception(args.exc_type, args.exc_value, args.exc_traceback)
            if args.exc_value is not None
            else None
        )
        sys.unraisablehook = lambda args: log.warning(
            "ignored in %r", args.object, exc_info=args.exc_value if args.exc_value else None
        )
        self._lock.tryLock(0)
        with suppress(OSError):  # without a place for the report there is no report
            self._crash = (self._folder / f"{self._name}.txt").open("w", encoding="utf-8")
            faulthandler.enable(self._crash)

    def remove(self) -> None:
        """Give the hooks back and end in order: no crash report stays."""
        self._before()
        if self._crash is not None:
            faulthandler.disable()
            self._crash.close()
            Path(self._crash.name).unlink(missing_ok=True)
            self._crash = None
        self._lock.unlock()
        log.removeHandler(self._handler)
        self._handler.close()

    def left_behind(self) -> str:
        """What earlier windows that crashed hard left in their reports, moved to the log; "" if none."""
        found: list[str] = []
        for report in sorted(self._folder.glob("crash-*.txt")):
            if report.stem == self._name:
                continue
            lock = QLockFile(str(report.with_suffix(".lock")))
            lock.setStaleLockTime(0)
            if not lock.tryLock(0):
                continue  # another window of ours that is alive
            text = report.read_text(encoding="utf-8", errors="replace").strip()
            report.unlink(missing_ok=True)
            lock.unlock()
            if text:
                log.error("an earlier window crashed:\n%s", text)
                found.append(text)
        return "\n\n".join(found)

    def _exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        where = (kind, trace.tb_lineno if trace else 0, str(error))
        self._times[where] += 1
        if self._times[where] <= SAME:
            self.seen.emit(error.with_traceback(trace))


def _log_to(path: Path) -> logging.Handler:
    with suppress(OSError):
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".old.log"))
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = True
    return handler


def _qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    level = {
        QtMsgType.QtDebugMsg: logging.DEBUG,
        QtMsgType.QtInfoMsg: logging.INFO,
        QtMsgType.QtWarningMsg: logging.WARNING,
    }.get(kind, logging.ERROR)
    if "plugin does not support" in text:  # what the offscreen platform says of itself
        level = logging.DEBUG
    log.log(level, "Qt: %s", text)
