"""What Invariance holds: two networks, a picture, how it is distorted, and what came of it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.imaging.distortions import BY_NAME, Distortion, Kind
from explorer.learning.samples import FASHION_CLASSES, fashion_sample
from explorer.media.pictures import Picture
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.qt import Runner
from explorer.ui.workspaces.filters.inside.jobs import Subjects
from explorer.ui.workspaces.filters.invariance.contenders import OPEN, Contender, Stable, shipped
from explorer.ui.workspaces.filters.invariance.jobs import (
    Compare,
    Compared,
    Curves,
    Layers,
    LookAtLayers,
    Measure,
)
from explorer.ui.workspaces.filters.model import Lab
from explorer.ui.workspaces.filters.newest import Newest

SETTLE_MS = 180
"""How long a slider rests before the curves are measured anew."""
LAYER_SHIFT = 0.125
"""The shift that layers are looked at with while the picture is not shifted: 4 pixels of 32."""
MANY = 50
"""Pictures of the sample over which curves are averaged, the same number of each class."""


class InvarianceModel(QObject):
    """All that is slow runs in Jobs; the newest wish wins."""

    contenders_changed = Signal()
    distortion_changed = Signal()
    picture_changed = Signal()
    compared_changed = Signal()
    curves_changed = Signal()
    layers_changed = Signal()
    told = Signal()
    """The line of status is another."""

    def __init__(
        self, lab: Lab, session: Session, runner: Runner, subjects: Subjects, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._lab, self._session = lab, session
        self._stable = Stable(subjects)
        self.comparing, self.measuring, self.layering = (Newest(runner, self) for _ in range(3))
        self._shipped = shipped()
        self.keys = ("lenet5", "fully-connected")
        self.label: int | None = 9
        """The class of the sample's picture; None for the picture that the lab shows."""
        self.which = 0
        self.many = True
        self.distortion = Distortion()
        self.kind: Kind = BY_NAME["shift"]
        self.compared: Compared | None = None
        self.curves: Curves | None = None
        self.layers: Layers | None = None
        self.fault = ""
        self._active = False
        self._stale = True
        self._chosen = False  # by a person: until then the open network is taken, if it knows the sample
        self._frame: Picture | None = None
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settling.timeout.connect(self._measure)
        self.contenders_changed.connect(self.told)
        session.activated.connect(self._take_tab)
        lab.source_changed.connect(self._follow_lab)
        lab.result_changed.connect(self._follow_frame)
        self.comparing.changed.connect(self._follow_frame)  # a frame may have come meanwhile

    # -- what is compared --------------------------------------------------------------------------------

    @property
    def choices(self) -> tuple[Contender, ...]:
        """Every network that can be chosen."""
        tab = self._session.active
        if tab is None:
            return self._shipped
        document = tab.document
        name = document.network.name
        return (
            *self._shipped,
            Contender(OPEN, f"Open: {name}", name, document.network, document.inference),
        )

    @property
    def contenders(self) -> tuple[Contender, ...]:
        """The two that are compared."""
        by_key = {one.key: one for one in self.choices}
        return tuple(by_key.get(key, self._shipped[0]) for key in self.keys)

    def choose(self, place: int, key: str) -> None:
        """Another network, at place 0 or 1."""
        self.choose_pair((key, self.keys[1]) if place == 0 else (self.keys[0], key))

    def choose_pair(self, keys: tuple[str, str]) -> None:
        """Two other networks."""
        self._chosen = True
        if keys != self.keys:
            self.keys = keys
            self.compared = self.curves = self.layers = None
            self.contenders_changed.emit()
            self._begin()

    def _suggest(self) -> None:
        """The open network first, while nobody chose another and it knows the sample's classes."""
        tab = self._session.active
        trained = tab.document.network.trained if tab is not None else None
        known = trained is not None and trained.classes == FASHION_CLASSES
        if known and not self._chosen and self.keys[0] != OPEN:
            self.keys, self._stale = (OPEN, self.keys[1]), True
            self.contenders_changed.emit()

    def _take_tab(self, tab: OpenNetwork | None) -> None:
        if tab is None and OPEN in self.keys:
            first, second = self.keys
            self.keys = ("lenet5" if first == OPEN else first), ("lenet5" if second == OPEN else second)
        self.contenders_changed.emit()
        if OPEN in self.keys:
            self._begin()

    # -- the picture -------------------------------------------------------------------------------------

    @property
    def picture(self) -> Picture | None:
        """The picture that is distorted; None where the lab has none."""
        if self.label is None:
            return self._lab.picture
        sample = fashion_sample()
        places = (sample.test_labels == self.label).nonzero()[0]
        found: Picture = sample.test[places[self.which % len(places)]]
        return found

    @property
    def picture_title(self) -> str:
        return self._lab.title if self.label is None else FASHION_CLASSES[self.label]

    def choose_picture(self, label: int | None) -> None:
        """A picture of a class of the sample, or the one that the lab shows."""
        if label != self.label:
            self.label, self.which = label, 0
            self._other_picture()

    def next_picture(self) -> None:
        """Another one of the same class."""
        if self.label is not None:
            self.which += 1
            self._other_picture()

    def set_many(self, many: bool) -> None:
        """Curves over many pictures of the sample, or over this one."""
        if many != self.many:
            self.many = many
            self.curves = None
            self.curves_changed.emit()
            self._measure()

    def _other_picture(self) -> None:
        self.picture_changed.emit()
        self._compare()
        if not self.many:
            self.curves = None
            self.curves_changed.emit()
            self._settling.start()

    def _follow_lab(self) -> None:
        """Whoever chooses a picture while this page is on show wants to see it here."""
        if self._active:
            self.label, self.which = None, 0
        if self.label is None:
            self._other_picture()

    def _follow_frame(self) -> None:
        """The newest frame of a live source, when the one before has been looked at."""
        picture = self._lab.picture
        live = self.label is None and self._lab.live and self._active
        if live and picture is not self._frame and not self.comparing.busy:
            self._frame = picture
            self._compare()

    # -- how it is distorted -----------------------------------------------------------------------------

    def set_amount(self, name: str, amount: float) -> None:
        """More or less of one kind; the curves are measured against the kind that was touched last."""
        other = BY_NAME[name] is not self.kind
        self.kind = BY_NAME[name]
        changed = self.distortion.with_amount(name, amount)
        if changed == self.distortion and not other:
            return
        moved_only = not other and replace(changed, **{name: self.kind.neutral}) == replace(
            self.distortion, **{name: self.kind.neutral}
        )
        self.distortion = changed
        self.distortion_changed.emit()
        self._compare()
        if name == "shift":
            self._look_at_layers()
        if not moved_only or self.curves is None:
            self._settling.start()

    def set_kind(self, name: str) -> None:
        """Curves against another distortion."""
        self.set_amount(name, getattr(self.distortion, name))

    def reset(self) -> None:
        """The picture as it is."""
        if not self.distortion.neutral:
            self.distortion = Distortion()
            self.distortion_changed.emit()
            self._compare()
            self._look_at_layers()
            self._settling.start()

    # -- the work ----------------------------------------------------------------------------------------

    def set_active(self, active: bool) -> None:
        """The page is on show, or it is not."""
        self._active = active
        if active:
            self._suggest()
            if self._stale:
                self._begin()
        else:
            self._stale = self._stale or self.busy
            self._settling.stop()
            for jobs in (self.comparing, self.measuring, self.layering):
                jobs.stop()

    @property
    def busy(self) -> bool:
        return self.comparing.busy or self.measuring.busy or self.layering.busy

    def _begin(self) -> None:
        self._stale = True
        if not self._active:
            return
        self._stale = False
        self._compare()
        self._measure()
        self._look_at_layers()

    def _compare(self) -> None:
        picture = self.picture
        if not self._active or picture is None:
            self._stale = True
            return
        job = Compare(self.contenders, picture, self.label, self.distortion, self._stable)
        self.comparing.ask(job, self._take_compared, on_error=self._take_fault)

    def _pictures(self) -> tuple[tuple[Picture, ...], tuple[int, ...] | None]:
        picture = self.picture
        if self.many and self.label is not None:
            sample = fashion_sample()
            step = len(sample.test) // MANY
            return tuple(sample.test[::step]), tuple(int(one) for one in sample.test_labels[::step])
        pictures = (picture,) if picture is not None else ()
        return pictures, None if self.label is None else (self.label,)

    def _measure(self) -> None:
        pictures, labels = self._pictures()
        if not self._active or not pictures:
            self._stale = True
            return
        job = Measure(self.contenders, pictures, labels, self.kind, self.distortion, self._stable)
        self.measuring.ask(job, self._take_curves, self._take_curves, self._take_fault)

    def _look_at_layers(self) -> None:
        picture = self.picture
        if not self._active or picture is None:
            self._stale = True
            return
        share = self.distortion.shift or LAYER_SHIFT
        job = LookAtLayers(self.contenders, self._pictures()[0][:10], share, self._stable)
        self.layering.ask(job, self._take_layers, on_error=self._take_fault)

    def _take_compared(self, compared: Compared) -> None:
        self.compared, self.fault = compared, ""
        self.compared_changed.emit()

    def _take_curves(self, event: object) -> None:
        if isinstance(event, Curves) and event.kind is self.kind:
            self.curves = event
            self.curves_changed.emit()

    def _take_layers(self, layers: Layers) -> None:
        self.layers = layers
        self.layers_changed.emit()

    def _take_fault(self, error: BaseException) -> None:
        self.fault = str(error)
        self.compared = None
        self.compared_changed.emit()
