"""The one exception that is meant to be read by a person."""

from __future__ import annotations


class UserError(Exception):
    """Wrong input. The message is one sentence or two: what is wrong, where, and what to do.

    Raise it from any floor. The command line prints it on one line and exits with 2; the window shows it in
    its message line. Anything that is not a `UserError` is a fault of the program and goes to the log.
    """

    def __str__(self) -> str:
        return " ".join(super().__str__().split())
