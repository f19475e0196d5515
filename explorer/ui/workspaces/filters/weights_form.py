"""The kernel as weights of the open network: into which convolution, and which of its filters."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from explorer.imaging.kernels import Kernel
from explorer.imaging.network_kernels import Target, targets
from explorer.network.graph import Network
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button
from explorer.ui.widgets.fields import NumberField, Switch
from explorer.ui.widgets.labels import Heading, Label
from explorer.ui.widgets.search_choice import SearchChoice


class WeightsForm(QWidget):
    """`wanted(node, filter index or None)` with the button. Hidden while no network is open."""

    wanted = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._targets: tuple[Target, ...] = ()
        self.layer = SearchChoice((), "Convolution")
        self.every = Switch("every filter")
        self.filter = NumberField(0, 0, 0, name="filter")
        self.filter.setMaximumWidth(theme().tokens.px(64))
        self.use = Button("Use as weights")
        self.note = Label("", "note")
        self.note.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Label("filter", "note"))
        row.addWidget(self.filter)
        row.addWidget(self.every)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Heading("Use as weights"))
        column.addWidget(self.layer)
        column.addLayout(row)
        column.addWidget(self.use)
        column.addWidget(self.note)
        self.layer.activated.connect(lambda _: self._tell())
        self.every.toggled.connect(lambda on: self.filter.setEnabled(not on))
        self.use.clicked.connect(self._ask)
        self.hide()

    def show_network(self, network: Network | None, kernel: Kernel) -> None:
        """The convolutions that the open network has, and what is in the way of this kernel."""
        found = targets(network, kernel.size) if network is not None else ()
        if found != self._targets:
            now = self.layer.currentData()
            self._targets = found
            self.layer.set_items(
                [(f"{one.path}, {one.kernel_size[0]}×{one.kernel_size[1]}", one.node) for one in found]
            )
            known = {one.node for one in found}
            fitting = next((one.node for one in found if not one.reason), None)
            self.layer.set_value(now if now in known else fitting)
        self.setVisible(network is not None)
        self._tell()

    @property
    def target(self) -> Target | None:
        """The convolution that is chosen."""
        return next((one for one in self._targets if one.node == self.layer.currentData()), None)

    def _tell(self) -> None:
        target = self.target
        for widget in (self.layer, self.filter, self.every):
            widget.setEnabled(target is not None)
        self.use.setEnabled(target is not None and not target.reason)
        if target is None:
            self.note.setText("The open network has no convolution.")
            return
        self.filter.set_bounds(0, target.filters - 1)
        self.filter.setEnabled(not self.every.isChecked())
        if target.reason:
            self.note.setText(f"It does not fit: {target.reason}.")
        else:
            self.note.setText(
                f"One of {target.filters} filters, from 0 on, with the bias above. It can be undone."
            )

    def _ask(self) -> None:
        target = self.target
        if target is not None:
            self.wanted.emit(target.node, None if self.every.isChecked() else int(self.filter.value))
