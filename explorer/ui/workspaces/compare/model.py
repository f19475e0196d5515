"""The comparison on show: follows the tabs, works anew what changed, in a Job where that takes long."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from explorer.network.diff import Diff, compare
from explorer.network.errors import UserError
from explorer.network.inference import Inference
from explorer.session.session import OpenNetwork, Session
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Handle, Runner
from explorer.ui.workspaces.compare.sides import ACTIVE, SLOW, Side, numbers, open_tab, relative, title

FOLLOW_MS = 150
"""After an edit of an open network: how long until it is compared again."""
OLD_MS = 300
"""How long the outcome of other networks may stay while a slow comparison is on its way."""
QUICK_LAYERS = 600
"""Together: up to here a comparison with all that shows it takes less than 50 ms."""


class Comparison(QObject):
    """`changed` when the sides, their names or the outcome are others. `diff` is None until there is one."""

    changed = Signal()

    def __init__(self, session: Session, runner: Runner) -> None:
        super().__init__()
        self._session = session
        self._runner = runner
        self.a: Side | None = None
        self.b: Side | None = None
        self.diff: Diff | None = None
        self.failure = ""
        self._b_chosen = False
        self._awake = True
        self._stale = False
        self._job: Handle | None = None
        self._turn = 0
        self._watched: dict[int, Callable[[], object]] = {}
        self._compared: tuple[Side | None, Side | None] = (None, None)
        self._later = QTimer(self, singleShot=True, interval=FOLLOW_MS)
        self._later.timeout.connect(self.refresh)
        self._old = QTimer(self, singleShot=True, interval=OLD_MS)
        self._old.timeout.connect(self._give_up_old)
        session.opened.connect(self._watch)
        session.closed.connect(self._forget)
        session.activated.connect(lambda tab: self._follow_active())
        session.retitled.connect(lambda tab: self.changed.emit())
        for tab in session.tabs:
            self._watch(tab)
        self._follow_active()

    @property
    def busy(self) -> bool:
        return self._job is not None

    def title(self, side: Side | None) -> str:
        """What the network on a side is called."""
        return title(side, self._session) if side is not None else ""

    def choose(self, a: Side | None = None, b: Side | None = None) -> None:
        """Put a network on one side or on both."""
        if b is not None:
            self.b, self._b_chosen = b, True
        if a is not None:
            self.a = a
            if not self._b_chosen:
                self.b = relative(a, self._session)
        self.refresh()

    def swap(self) -> None:
        """B against A."""
        if self.a is not None and self.b is not None:
            self.a, self.b, self._b_chosen = self.b, self.a, True
            self.refresh()

    def set_awake(self, awake: bool) -> None:
        """Whether anybody looks: edits made while nobody does are followed when somebody does again."""
        self._awake = awake
        if awake and self._stale:
            self.refresh()

    def refresh(self) -> None:
        """Compare what is chosen now, or as soon as anybody looks."""
        self._later.stop()
        self._stop()
        self._stale = not self._awake
        if self._stale:
            return
        if self.a is None or self.b is None:
            self._take(None, "")
            return
        sides = (self.a, self.b)
        if any(side.kind in SLOW for side in sides) or self._layers(sides) > QUICK_LAYERS:
            self._start(sides)
            return
        try:
            found = compare(*(numbers(side, self._session) for side in sides))
        except UserError as error:
            self._take(None, str(error))
        else:
            self._take(found, "")

    def _layers(self, sides: tuple[Side, Side]) -> int:
        """How many layers both have; a tab that is gone has none."""
        found = 0
        for side in sides:
            tab = open_tab(side, self._session)
            if tab is not None:
                found += len(tab.document.network.nodes)
            elif side.kind in ("zoo", "code"):
                found += len(numbers(side, self._session).network.nodes)
        return found

    def _start(self, sides: tuple[Side, Side]) -> None:
        # What is open is read here and now: only this thread may ask a document.
        known: list[Inference | None] = []
        try:
            for side in sides:
                known.append(None if side.kind in ("zoo", *SLOW) else numbers(side, self._session))
        except UserError as error:
            self._take(None, str(error))
            return
        session = self._session

        def work(context: Context) -> Diff:
            found = []
            for side, inference in zip(sides, known, strict=True):
                found.append(inference if inference is not None else numbers(side, session))
                context.check()
            return compare(*found)

        names = " with ".join(self.title(side) for side in sides)
        turn = self._turn
        self._job = self._runner.start(
            Work(f"Comparing {names}", work),
            on_done=lambda diff: self._end(turn, diff, ""),
            on_error=lambda error: self._end(turn, None, str(error)),
        )
        self._old.start()
        self.changed.emit()

    def _give_up_old(self) -> None:
        """Other networks take their time: what is known of the ones before is not shown under their names."""
        if self.busy and self.diff is not None and self._compared != (self.a, self.b):
            self.diff = None
            self.changed.emit()

    def _end(self, turn: int, diff: Diff | None, failure: str) -> None:
        if turn == self._turn:  # else something else was chosen meanwhile
            self._job = None
            self._take(diff, failure)

    def _stop(self) -> None:
        self._turn += 1
        if self._job is not None:
            self._job.stop()
            self._job = None

    def _take(self, diff: Diff | None, failure: str) -> None:
        self.diff, self.failure = diff, failure
        self._compared = (self.a, self.b)
        self.changed.emit()

    # -- following the tabs ----------------------------------------------------------------------------

    def _watch(self, tab: OpenNetwork) -> None:
        self._watched[tab.number] = tab.document.changed.connect(lambda change: self._edited(tab))

    def _edited(self, tab: OpenNetwork) -> None:
        if any(side is not None and open_tab(side, self._session) is tab for side in (self.a, self.b)):
            self._later.start()

    def _forget(self, tab: OpenNetwork) -> None:
        self._watched.pop(tab.number, lambda: None)()
        gone = Side("tab", str(tab.number))
        if gone in (self.a, self.b):
            self.a = None if self.a == gone else self.a
            if self.b == gone:
                self.b, self._b_chosen = None, False
            self._follow_active()
        else:
            self.changed.emit()

    def _follow_active(self) -> None:
        active = self._session.active
        if self.a is None and active is not None:
            self.a = ACTIVE
        elif self.a == ACTIVE and active is None:
            self.a = None
        if self.b == ACTIVE and active is None:
            self.b, self._b_chosen = None, False
        if self.a is not None and not self._b_chosen:
            self.b = relative(self.a, self._session)
        self.refresh()
