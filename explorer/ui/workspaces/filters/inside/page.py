"""Look inside: layers at the left, maps in the middle, the picture and what is known of it at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from explorer.network import numerals
from explorer.network.operations import Change
from explorer.session.session import OpenNetwork
from explorer.tasks.job import Context, Work
from explorer.ui.actions import Action
from explorer.ui.theme import theme
from explorer.ui.widgets.buttons import Button, IconButton
from explorer.ui.widgets.fields import Choice
from explorer.ui.widgets.labels import ElidedLabel, EmptyState, Label
from explorer.ui.widgets.panels import Panel, Splitter
from explorer.ui.workspace import Figure, Status, Surroundings
from explorer.ui.workspaces.filters.inside.jobs import Subjects
from explorer.ui.workspaces.filters.inside.layer_list import LayerList
from explorer.ui.workspaces.filters.inside.map_grid import MapGrid
from explorer.ui.workspaces.filters.inside.model import InsideModel
from explorer.ui.workspaces.filters.inside.panel import InsidePanel
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.presets import fashion_picture

LEFT_WIDTH, RIGHT_WIDTH = 204, 276


class InsidePage(QWidget):
    """Puts the parts together; each follows the model by itself."""

    def __init__(self, lab: Lab, surroundings: Surroundings, subjects: Subjects) -> None:
        super().__init__()
        self._lab, self._surroundings = lab, surroundings
        self.model = InsideModel(lab, surroundings.session, surroundings.runner, subjects, self)
        self.layers = LayerList(self.model)
        self.grid = MapGrid()
        self.panel = InsidePanel(self.model)
        self.empty = EmptyState(
            "network",
            "No network is open",
            "Open one in Build, or begin with LeNet-5, which ships trained on Fashion-MNIST.",
            Action("filters.inside.begin", "Open LeNet-5, trained", self.open_trained),
        )
        self._build()
        self._connect()
        self._follow_network()

    def _build(self) -> None:
        self.title = ElidedLabel("", "strong")
        self.scaling = Choice(
            (("each map by itself", "map"), ("all maps alike", "layer")), "How maps are stretched to grey"
        )
        self.order = Choice((("strongest first", True), ("by number", False)), "Order of the maps")
        self.scaling.setMinimumContentsLength(15)
        self.order.setMinimumContentsLength(13)
        self.back = IconButton("chevron-left", "The maps before", "Page Up")
        self.on = IconButton("chevron-right", "More maps", "Page Down")
        self.place = Label("", "label")
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title, 1)
        for widget in (self.back, self.place, self.on):
            top.addWidget(widget)
        ways = QHBoxLayout()
        ways.setSpacing(8)
        ways.addWidget(self.order)
        ways.addWidget(self.scaling)
        ways.addStretch(1)
        middle = Panel("window", 16, 12)
        middle.column.setContentsMargins(16, 12, 16, 12)
        middle.column.addLayout(top)
        middle.column.addLayout(ways)
        middle.column.addWidget(self.grid, 1)
        self.retry = Button("Try again")
        self.retry.clicked.connect(self._lab.retry)
        middle.column.addWidget(self.retry, 0, Qt.AlignmentFlag.AlignHCenter)
        self.across = Splitter(Qt.Orientation.Horizontal)
        self.across.add(self.layers)
        self.across.add(middle, 1)
        self.across.add(self.panel)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.across)
        self.stack.addWidget(self.empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.stack)
        self.setFocusProxy(self.grid)
        theme().changed.connect(self._widen)
        self._widen()

    def _connect(self) -> None:
        model = self.model
        self.grid.hovered.connect(model.hover)
        self.grid.picked.connect(model.pin)
        self.grid.turned.connect(model.turn)
        self.grid.room_changed.connect(model.set_count)
        self.back.clicked.connect(lambda: model.turn(-1))
        self.on.clicked.connect(lambda: model.turn(1))
        self.scaling.chosen.connect(model.set_scaling)
        self.order.chosen.connect(model.set_order)
        self.panel.weights_wanted.connect(self.load_weights)
        model.network_changed.connect(self._follow_network)
        model.page_changed.connect(self._follow_page)
        model.seen_changed.connect(self._tell)
        model.seen_changed.connect(self._offer_weights)
        model.unit_changed.connect(lambda: self.grid.show_units(model.unit, model.pinned))
        model.passing.changed.connect(self._tell)
        self._lab.feed_changed.connect(self._tell)

    def _widen(self) -> None:
        px = theme().tokens.px
        self.layers.setMinimumWidth(px(168))
        self.panel.setMinimumWidth(px(264))
        left, right = px(LEFT_WIDTH), px(RIGHT_WIDTH)
        self.across.setSizes([left, max(px(240), self.width() - left - right), right])

    def set_active(self, active: bool) -> None:
        """On show, or not."""
        if active:
            self._widen()
        self.model.set_active(active)

    # -- following ---------------------------------------------------------------------------------------

    def _follow_network(self) -> None:
        tab = self.model.tab
        self.stack.setCurrentWidget(self.across if tab is not None else self.empty)
        self._tell()

    def _offer_weights(self) -> None:
        network = self.model.network
        offered = False
        if network is not None and self.model.random:
            from explorer.learning.shipped import come_for

            offered = come_for(network)
        self.panel.offer_weights(offered)

    def _follow_page(self) -> None:
        model = self.model
        self.grid.show_page(model.page)
        self.grid.show_units(model.unit, model.pinned)
        self._tell()

    def _tell(self) -> None:
        model, page = self.model, self.model.page
        network = model.network
        status = self._lab.status if self._lab.live else None
        self.retry.setVisible(status is not None and status.state.stopped)
        if model.fault:
            self.grid.show_words(model.fault)
        elif status is not None and not status.state.running:
            self.grid.show_words(f"{status.sentence} {status.advice}".strip())
        elif self._lab.picture is None:
            self.grid.show_words("Choose a picture above.")
        else:
            self.grid.show_words("Looking …" if model.passing.busy else "")
        if page is None or network is None or page.node not in network.nodes:
            self.title.setText(network.name if network is not None else "")
            self.place.setText("")
            return
        rows, columns = page.size
        size = numerals.shape(
            (len(page.order), rows, columns) if (rows, columns) != (1, 1) else (len(page.order),)
        )
        self.title.setText(f"{network.path(page.node)}: {size}")
        pages = -(-len(page.order) // model.count)
        self.place.setText(f"{page.first // model.count + 1} of {pages}")
        for widget in (self.back, self.place, self.on):
            widget.setVisible(pages > 1)
        self.scaling.setEnabled(page.size != (1, 1))
        self.back.setEnabled(page.first > 0)
        self.on.setEnabled(page.first + len(page.tiles) < len(page.order))

    def status(self) -> Status:
        """The network and the picture that went through it."""
        network = self.model.network
        if network is None:
            return Status()
        left = [Figure(network.name, f"sees {self._lab.title}" if self._lab.title else "")]
        if self.model.random:
            left.append(Figure("random weights", ""))
        return Status(tuple(left))

    # -- beginning ---------------------------------------------------------------------------------------

    def open_trained(self) -> None:
        """LeNet-5 with the weights that ship, and a picture of what it learned."""

        def work(context: Context) -> object:
            context.progress(None, "Starting PyTorch")
            from explorer.learning.shipped import trained

            return trained("lenet5")

        self._surroundings.runner.start(Work("Opening LeNet-5", work), on_done=self._open)

    def _open(self, network: object) -> None:
        from explorer.network.graph import Network

        assert isinstance(network, Network)
        picture, title = fashion_picture(9)
        self._lab.show_picture(picture, title)
        self._surroundings.session.open(network)

    def load_weights(self) -> None:
        """The weights that ship for the open network, as one step of its history."""
        tab = self.model.tab
        if tab is None:
            return
        network = tab.document.network

        def work(context: Context) -> Change:
            from explorer.learning.shipped import change_for

            return change_for(network)

        self._surroundings.runner.start(
            Work("Loading weights", work), on_done=lambda change: self._apply(tab, change)
        )

    def _apply(self, tab: OpenNetwork, change: Change) -> None:
        if tab in self._surroundings.session.tabs:
            tab.document.apply(change.title, change.edits)
