"""What Look inside holds: the picture's way through the open network, the layer, the unit, the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.imaging.receptive_field import Region, theoretical
from explorer.network.graph import Network
from explorer.network.layer import Family
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.qt import Runner
from explorer.ui.workspaces.filters.inside.jobs import (
    Dead,
    Explain,
    Laid,
    LookAtUnit,
    Page,
    PassThrough,
    Seen,
    ShowMaps,
    Subjects,
    Unit,
    View,
    Wish,
)
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.newest import Newest

EDIT_MS = 250
"""How long after an edit of the network the picture goes through it again."""
HOVER_MS = 60
"""How long the pointer rests before a gradient is computed."""


class InsideModel(QObject):
    """Follows the lab's picture and the open network while it is looked at; all that is slow runs in Jobs."""

    network_changed = Signal()
    """Another network, or other layers."""
    seen_changed = Signal()
    """Another picture has gone through, or nothing is known any more."""
    page_changed = Signal()
    unit_changed = Signal()
    told = Signal()
    """The line of status is another."""
    laid_changed = Signal()

    def __init__(
        self, lab: Lab, session: Session, runner: Runner, subjects: Subjects, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._lab, self._session = lab, session
        self._subjects = subjects
        self.passing = Newest(runner, self)
        self.paging = Newest(runner, self)
        self.laying = Newest(runner, self)
        self.tab: OpenNetwork | None = None
        self.seen: Seen | None = None
        self.page: Page | None = None
        self.dead: dict[str, float] = {}
        self.node = ""
        self.count = 12
        self.scaling: Literal["map", "layer"] = "map"
        self.by_strength = True
        self.first = 0
        self.unit: Unit | None = None
        self.pinned: Unit | None = None
        self.view: View = "field"
        self.target: int | None = None
        self.cam_here = False
        """Whether Grad-CAM goes by the maps of the chosen layer, and not by the last ones."""
        self.laid: Laid | None = None
        self.silence = ""
        """Why nothing can be laid over the picture."""
        self.fault = ""
        """Why nothing is shown."""
        self._active = False
        self._unfollow: Callable[[], None] | None = None
        self._network: Network | None = None
        self._shown: object = None  # the picture that went through
        self._later = QTimer(self, singleShot=True, interval=EDIT_MS)
        self._later.timeout.connect(self._pass)
        self._resting = QTimer(self, singleShot=True, interval=HOVER_MS)
        self._resting.timeout.connect(self._lay)
        for signal in (self.network_changed, self.seen_changed):
            signal.connect(self.told)
        session.activated.connect(self._take_tab)
        lab.source_changed.connect(self._follow_source)
        self.passing.changed.connect(self._follow_picture)  # a frame may have come meanwhile
        lab.result_changed.connect(self._follow_picture)
        self._take_tab(session.active)

    # -- the network and the picture ---------------------------------------------------------------------

    @property
    def network(self) -> Network | None:
        """The open one."""
        return self.tab.document.network if self.tab is not None else None

    @property
    def layers(self) -> tuple[str, ...]:
        """The nodes that an eval pass evaluates and whose shapes are known, in order."""
        if self.tab is None:
            return ()
        network, results = self.tab.document.network, self.tab.document.inference.results
        return tuple(
            node
            for node in network.topology.order
            if not network.nodes[node].training_only and results[node].output is not None
        )

    @property
    def random(self) -> bool:
        """Whether some weights of what is shown were learned by nobody."""
        return self.seen is not None and bool(self.seen.random)

    def set_active(self, active: bool) -> None:
        """The page is on show, or it is not."""
        self._active = active
        if active:
            self._follow_picture()
        else:
            for jobs in (self.passing, self.paging, self.laying):
                jobs.stop()
            self._later.stop()
            self._resting.stop()

    def _take_tab(self, tab: OpenNetwork | None) -> None:
        if tab is self.tab and tab is not None:
            return
        if self._unfollow is not None:
            self._unfollow()
        self.tab = tab
        self._unfollow = tab.document.changed.connect(self._edited) if tab is not None else None
        self._forget()
        self._choose_first()
        self.network_changed.emit()
        if self._active:
            self._follow_picture()

    def _edited(self, change: object) -> None:
        if self.node not in self.layers:
            self._choose_first()
        self.network_changed.emit()
        if self._active:
            self._later.start()

    def _choose_first(self) -> None:
        """The first convolution, or whatever comes first."""
        network = self.network
        layers = self.layers
        first = next(
            (one for one in layers if network and network.nodes[one].layer.family is Family.CONVOLUTION), None
        )
        self.node = first or (layers[-1] if layers else "")
        self.first = 0

    def _forget(self) -> None:
        for jobs in (self.passing, self.paging, self.laying):
            jobs.stop()
        self.seen = self.page = self.laid = self.unit = self.pinned = self.target = self._shown = None
        self.dead = {}
        self.seen_changed.emit()
        self.page_changed.emit()
        self.laid_changed.emit()

    def _follow_source(self) -> None:
        self._follow_picture()
        if self.laid is None and not self.passing.busy:
            self._lay()  # a frame that is looked at already may have been frozen

    def _follow_picture(self) -> None:
        picture = self._lab.picture
        fresh = picture is not self._shown or self.network is not self._network
        if not self._active or not fresh or (self._lab.live and self.passing.busy):
            return
        self._pass()

    def _pass(self) -> None:
        tab, picture = self.tab, self._lab.picture
        if tab is None or picture is None or not self.layers:
            return
        self._shown, self._network = picture, tab.document.network
        job = PassThrough(tab.document.network, tab.document.inference, picture, self._wish(), self._subjects)
        self.fault = ""
        self.passing.ask(job, self._take_dead, self._take_seen, self._take_fault)

    def _take_seen(self, event: object) -> None:
        if not isinstance(event, Seen):
            return
        self.seen, self.laid = event, None
        self.seen_changed.emit()
        if event.page is not None and event.page.node == self.node:
            self._take_page(event.page)
        else:
            self._ask_page()
        if self.unit is not None and self.unit.node not in self.layers:
            self.unit = self.pinned = None
        self._lay()

    def _take_fault(self, error: BaseException) -> None:
        self.seen = self.page = self.laid = None
        self.dead = {}
        self.fault = str(error)
        self.seen_changed.emit()
        self.page_changed.emit()
        self.laid_changed.emit()

    def _take_dead(self, dead: Dead) -> None:
        self.dead = dead.shares
        self.seen_changed.emit()

    # -- maps --------------------------------------------------------------------------------------------

    def choose(self, node: str) -> None:
        """Another layer."""
        if node != self.node and node in self.layers:
            self.node, self.first = node, 0
            self.unit = self.pinned = None
            self.page = None
            anew = self.view == "cam" and self.cam_here
            if anew or self.view in ("field", "projection"):
                self._drop_laid()
            self.page_changed.emit()
            self.unit_changed.emit()
            self._ask_page()
            if anew:
                self._lay()

    def set_scaling(self, scaling: Literal["map", "layer"]) -> None:
        """Each map by itself, or all alike."""
        self.scaling = scaling
        self._ask_page()

    def set_order(self, by_strength: bool) -> None:
        """The strongest first, or by number."""
        self.by_strength, self.first = by_strength, 0
        self._ask_page()

    def set_count(self, count: int) -> None:
        """How many maps there is room for."""
        if count != self.count:
            self.count = count
            self.first = self.first // count * count
            self._ask_page()

    def turn(self, pages: int) -> None:
        """So many pages on."""
        if self.page is not None:
            last = (len(self.page.order) - 1) // self.count * self.count
            self.first = max(0, min(last, self.first + pages * self.count))
            self._ask_page()

    def _wish(self) -> Wish | None:
        if not self.node:
            return None
        return Wish(self.node, self.first, self.count, self.scaling, self.by_strength)

    def _ask_page(self) -> None:
        wish = self._wish()
        if self.seen is not None and wish is not None and self._active:
            self.paging.ask(ShowMaps(self.seen.passage, wish), self._take_page)

    def _take_page(self, page: Page) -> None:
        if page.node == self.node:
            self.page, self.first = page, page.first
            self.page_changed.emit()

    # -- one unit ----------------------------------------------------------------------------------------

    def hover(self, unit: Unit | None) -> None:
        """The pointer is over a unit, or over none: then the one that was clicked counts again."""
        unit = unit or self.pinned
        if unit != self.unit:
            self.unit = unit
            self.unit_changed.emit()
            if self.view in ("field", "projection"):
                self._drop_laid()
                self._resting.start()

    def pin(self, unit: Unit | None) -> None:
        """Stay with a unit."""
        self.pinned = unit
        self.hover(unit)
        self.unit_changed.emit()

    def region(self) -> Region | None:
        """What the unit can see of the network's input, by the rules; None without a unit."""
        if self.unit is None or self.seen is None or self.tab is None:
            return None
        inference = self.seen.passage.subject.inference
        if self.unit.node not in inference.results:
            return None
        return theoretical(inference, self.unit.node, self.unit.row, self.unit.column, self.seen.input_node)

    # -- what is laid over the picture -------------------------------------------------------------------

    def set_view(self, view: View) -> None:
        """What is laid over the picture."""
        if view != self.view:
            self.view = view
            self._drop_laid()
            self._lay()

    def set_target(self, target: int | None) -> None:
        """The class that is asked about, counted from 0; None for the likeliest."""
        if target != self.target:
            self.target = target
            self._drop_laid()
            self._lay()

    def set_cam_here(self, here: bool) -> None:
        """Whether Grad-CAM goes by the chosen layer's maps."""
        if here != self.cam_here:
            self.cam_here = here
            self._drop_laid()
            self._lay()

    @property
    def too_quick(self) -> bool:
        """Whether pictures come faster than the view can be worked out."""
        return self.view == "occlusion" and self._lab.live

    def _drop_laid(self) -> None:
        self.laying.stop()
        self.laid, self.silence = None, ""
        self.laid_changed.emit()

    def _lay(self) -> None:
        if self.seen is None or not self._active:
            return
        passage = self.seen.passage
        if self.view in ("cam", "occlusion"):
            if self.too_quick:
                self._drop_laid()  # what is on its way is of the picture before
                return
            job = Explain(passage, self.view, self.target, self.node if self.cam_here else None)
            self.laying.ask(job, self._take_laid, self._take_laid, self._take_silence)
        elif self.unit is not None:
            self.laying.ask(
                LookAtUnit(passage, self.unit, self.view), self._take_laid, on_error=self._take_silence
            )
        else:
            self._drop_laid()

    def _take_laid(self, event: object) -> None:
        if isinstance(event, Laid) and event.view == self.view:
            self.laid, self.silence = event, ""
            self.laid_changed.emit()

    def _take_silence(self, error: BaseException) -> None:
        self.laid, self.silence = None, str(error)
        self.laid_changed.emit()
