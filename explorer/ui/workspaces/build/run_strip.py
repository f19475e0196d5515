"""The line over the table that says which run its last columns come from."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.network import numerals
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import IconButton
from explorer.ui.widgets.labels import Badge, ElidedLabel
from explorer.ui.workspaces.build.run_results import RunResults


class RunStrip(QWidget):
    """`cleared` when a person takes the run away."""

    cleared = Signal()

    def __init__(self) -> None:
        super().__init__()
        px = theme().tokens.px
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), 0, px(8), px(4))
        row.setSpacing(px(8))
        self.words = ElidedLabel("", "value")
        self.classes = ElidedLabel("", "strong")
        self.badge = Badge("", "warning")
        clear = IconButton("close", "Take the run's columns away")
        clear.clicked.connect(self.cleared)
        row.addWidget(self.words, 1)
        row.addWidget(self.classes)
        row.addWidget(self.badge)
        row.addWidget(clear)
        self.hide()

    def show_run(self, run: RunResults | None) -> None:
        """Show what was run, or hide."""
        self.setVisible(run is not None)
        if run is not None:
            layers = f"{numerals.grouped(len(run.nodes))} layers"
            self.words.setText(f"{run.picture} through {layers} in {numerals.duration(run.seconds)}")
            self.badge.set_text(run.badge)
            self.badge.setVisible(bool(run.badge))
            self.classes.setText(
                "   ".join(f"{one.name} {numerals.share(one.probability, 1)}" for one in run.classes)
            )
            self.classes.setVisible(bool(run.classes))
