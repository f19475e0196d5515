"""The question before somebody's code runs: a `.py` or `.pt2` file can do all that its reader may."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.interop import sources
from explorer.ui.shell.question import Question
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import Label

RUN = "Run and import"


def runs_code(path: Path) -> bool:
    """Whether reading the network in this file runs code that came with it."""
    return path.suffix.lower() in (".pt2", ".py")


def ask_to_run(window: QWidget, path: Path) -> str | None:
    """The source that is to be run, None for not at all. Of several makers in a file one is chosen."""
    python = path.suffix.lower() == ".py"
    makers = sources.makers(path) if python else []
    choice = Choice([(name, name) for name in makers]) if len(makers) > 1 else None
    what = "Opening it runs the Python in it" if python else "Opening it unpickles, which can run code in it"
    answer = Question(
        window,
        f"Run the code in “{path.name}”?",
        f"{what}, in a process of its own but with all that you may do on this computer. "
        "Go on only if you trust where it comes from.",
        [("Cancel", ""), (RUN, "primary")],
        None if choice is None else _labelled("What makes the network", choice),
    ).ask()
    if answer != RUN:
        return None
    name = choice.currentData() if choice is not None else makers[0] if makers else ""
    return f"{path}:{name}" if name else str(path)


def _labelled(text: str, widget: QWidget) -> QWidget:
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(Label(text))
    layout.addWidget(widget, 1)
    return row
