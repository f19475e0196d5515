"""A Job that runs in a process of its own and can be killed: for work that does not look at a stop token.

Other people's Python, exporters and tracers run here. The function is a module-level one, and what it takes
and returns must pickle.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from explorer.network.errors import UserError
from explorer.tasks.job import Context, Stopped

POLL = 0.05
"""Seconds between two looks at the stop token; a stop is effective well within 200 ms."""

LEAVE = 2.0
"""Seconds for a process that has answered to end by itself: killed, it leaves locks, and Python complains."""


class ProcessFailed(Exception):
    """The process raised, or ended without a result. The traceback of the process is attached as a note."""


class Reporter:
    """What the function is given first: the ends of the Job's two channels inside the process."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def progress(self, fraction: float | None, message: str = "") -> None:
        self._send("progress", (fraction, message))

    def show(self, event: Any) -> None:
        self._send("show", event)

    def record(self, event: Any) -> None:
        self._send("record", event)

    def _send(self, kind: str, value: Any) -> None:
        with self._lock:
            self._connection.send((kind, value))


@dataclass(frozen=True)
class ProcessJob:
    """`function(reporter, *arguments)` in a fresh interpreter; its return value is the Job's result."""

    title: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()

    def run(self, context: Context) -> Any:
        """Raises `Stopped`, the function's `UserError`, or `ProcessFailed` for everything else."""
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe(duplex=False)
        process = spawn.Process(target=_serve, args=(theirs, self.function, self.arguments), name=self.title)
        process.start()
        theirs.close()
        try:
            return self._listen(ours, process, context)
        finally:
            _kill(process)
            ours.close()

    def _listen(self, ours: Connection[Any, Any], process: SpawnProcess, context: Context) -> Any:
        while True:
            context.check()
            if not ours.poll(POLL):
                continue
            try:
                kind, value = ours.recv()
            except (EOFError, ConnectionError):
                process.join()
                raise ProcessFailed(f"'{self.title}' {_ending(process.exitcode)}") from None
            match kind:
                case "progress":
                    context.progress(*value)
                case "show":
                    context.show(value)
                case "record":
                    context.record(value)
                case "result":
                    process.join(LEAVE)
                    return value
                case "wrong":
                    process.join(LEAVE)
                    raise UserError(value)
                case _:
                    message, trace = value
                    failure = ProcessFailed(message)
                    failure.add_note(trace)
                    raise failure


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in list(signal.Signals) else str(-code)
        hint = "; the system may have run out of memory" if name == "SIGKILL" else ""
        return f"was ended by {name} before it had a result{hint}"
    return f"ended without a result (exit code {code})"


def _kill(process: SpawnProcess) -> None:
    """Ends the process and those it started."""
    if process.pid is not None and hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():
        process.kill()
    process.join()
    process.close()


def _serve(
    connection: Connection[Any, Any], function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    """The process: calls the function and sends what became of it."""
    if hasattr(os, "setsid"):
        os.setsid()  # a group of its own, so that its own children can be ended with it
    os.dup2(2, 1)  # standard output belongs to the parent's answer
    threading.Thread(target=_follow_parent, daemon=True).start()
    try:
        answer = ("result", function(Reporter(connection), *arguments))
    except UserError as error:
        answer = ("wrong", str(error))
    except Stopped:
        answer = ("wrong", "it stopped by itself")
    except BaseException as error:
        answer = _fault(error)
    try:
        connection.send(answer)
    except BrokenPipeError:  # nobody is waiting any more
        return
    except Exception as error:  # a result that does not pickle
        connection.send(_fault(error))


def _fault(error: BaseException) -> tuple[str, tuple[str, str]]:
    line = (str(error).strip().splitlines() or [""])[0]
    return "fault", (
        f"{type(error).__name__}: {line}".rstrip(": "),
        "".join(traceback.format_exception(error)),
    )


def _follow_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)
