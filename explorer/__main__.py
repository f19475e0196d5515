"""`explorer`: reads the arguments, then goes straight to a verb or to the window."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

DONE, WRONG, INTERRUPTED = 0, 2, 130
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 the answer is no, 2 wrong use or bad input, 130 interrupted."""
    try:
        return _main(arguments)  # it imports: Ctrl-C may come while it does
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("explorer: interrupted", file=sys.stderr, flush=True)
        return INTERRUPTED


def _main(arguments: Sequence[str] | None) -> int:
    from explorer.cli.parsing import parse, say
    from explorer.network.errors import UserError

    if getattr(sys, "frozen", False):
        import multiprocessing

        multiprocessing.freeze_support()  # a bundle starts its worker processes through this same door
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal may lack × or →
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        code = parse(arguments).call()
        if sys.stdout is not None:
            sys.stdout.flush()
    except UserError as error:
        say(f"explorer: {error}")
        return WRONG
    except BrokenPipeError:
        # The reader has seen enough (`explorer zoo | head`). Python would flush again at exit and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return DONE
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else DONE
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            where = f"'{error.filename}'" if error.filename else "the output"
            say(f"explorer: {where} could not be written: {error.strerror}; make room or write elsewhere")
            return WRONG
        from explorer.cli.faults import record

        say(f"explorer: {record(error, arguments)}")
        return WRONG
    return code


def program() -> NoReturn:
    """Ends the process with `main`'s exit code."""
    try:
        code = main()
        if code == INTERRUPTED:
            # Python takes a moment to end, with torch more than one: one more Ctrl-C would make it complain.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    program()
