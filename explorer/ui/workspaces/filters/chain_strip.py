"""The chain of filters as a row of chips: the picture, then each filter with the size it makes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from explorer.network.errors import UserError
from explorer.ui.shell.messages import Messages
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.recipe import MOST_STEPS


class ChainStrip(QWidget):
    """Follows the lab. A click on a chip shows that filter; the arrows and the cross move and remove it."""

    def __init__(self, lab: Lab, messages: Messages) -> None:
        super().__init__()
        self._lab, self._messages = lab, messages
        self.chips: list[Button] = []
        self._shown_at = -1
        self._arrows: list[Label] = []
        self.earlier = IconButton("chevron-left", "Move this filter to the front")
        self.later = IconButton("chevron-right", "Move this filter to the back")
        self.remove = IconButton("delete", "Remove this filter")
        self.add = Button("Add a filter", "", "plus")
        self.add.setToolTip("Each filter works on the picture that the one before it shows")
        self.earlier.clicked.connect(lambda: lab.move_step(lab.recipe.at, -1))
        self.later.clicked.connect(lambda: lab.move_step(lab.recipe.at, 1))
        self.remove.clicked.connect(lambda: lab.remove_step(lab.recipe.at))
        self.add.clicked.connect(self.add_step)
        self._inner = QWidget()
        self._inner.setProperty("ground", "window")
        self._row = QHBoxLayout(self._inner)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._inner)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(self._scroll, 1)
        for widget in (self.earlier, self.later, self.remove, self.add):
            whole.addWidget(widget)
        lab.recipe_changed.connect(self.follow)
        lab.result_changed.connect(self.follow)
        theme().changed.connect(self._fit)
        self._fit()
        self.follow()

    def _fit(self) -> None:
        self._scroll.setFixedHeight(theme().tokens.px(32))

    def add_step(self) -> None:
        """A filter after the one that is looked at."""
        try:
            self._lab.add_step()
        except UserError as error:
            self._messages.error(error)

    def follow(self) -> None:
        """Show the chain as it is now."""
        steps, at = self._lab.recipe.steps, self._lab.recipe.at
        while len(self.chips) < len(steps):
            self._make_chip(len(self.chips))
        result = self._lab.result
        stages = result.chain.stages if result is not None else ()
        for index, chip in enumerate(self.chips):
            here = index < len(steps)
            chip.setVisible(here)
            self._arrows[index].setVisible(here and index > 0)
            if not here:
                continue
            stage = stages[index] if index < len(stages) and stages[index].filter == steps[index] else None
            size = f"   {stage.shown.shape[1]} × {stage.shown.shape[0]}" if stage is not None else ""
            title = steps[index].kernel.title
            chip.setText(f"{title}{size}")
            chip.setAccessibleName(f"Filter {index + 1}: {title}{size}")
            chip.setChecked(index == at)
            words = f"columns {stage.across.spelled}\nrows {stage.down.spelled}" if stage is not None else ""
            chip.setToolTip(words)
        if at != self._shown_at:
            self._shown_at = at
            QTimer.singleShot(0, self, self._bring_into_view)
        several = len(steps) > 1
        for button in (self.earlier, self.later, self.remove):
            button.setVisible(several)
        self.earlier.setEnabled(at > 0)
        self.later.setEnabled(at < len(steps) - 1)
        self.add.setEnabled(len(steps) < MOST_STEPS)

    def _bring_into_view(self) -> None:
        self._scroll.ensureWidgetVisible(self.chips[self._lab.recipe.at], 0, 0)

    def _make_chip(self, index: int) -> None:
        arrow = Label("→", "muted")
        arrow.setVisible(False)
        chip = Button("")
        chip.setCheckable(True)
        chip.clicked.connect(partial(self._look_at, index))
        self._arrows.append(arrow)
        self.chips.append(chip)
        for widget in (arrow, chip):
            self._row.insertWidget(self._row.count() - 1, widget)

    def _look_at(self, index: int) -> None:
        self._lab.look_at(index)
        self.chips[index].setChecked(index == self._lab.recipe.at)
