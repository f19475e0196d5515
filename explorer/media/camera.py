"""One feed of pictures for every workspace: a camera, or what stands in for it.

`CameraFeed` counts its viewers. The first one opens the source, on a thread of the feed's own; when the last
one closes, the device is given back. Each viewer has a mailbox with room for one frame: a newer one replaces
it, so nothing queues and nobody who is slow slows the others down. Nothing here knows Qt.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.media import camera_status
from explorer.media.camera_status import IDLE, UNCHOSEN, Status
from explorer.media.pictures import Picture
from explorer.media.sources import FeedState, NotYet, Source, Stream, Unavailable

_log = logging.getLogger(__name__)

BLACK_AFTER = 1.0
"""Seconds of nothing but black after which the state says so."""
PATIENCE = 4.0
"""Seconds for which a source may say nothing before it counts as lost; opening may take four times that."""
_HELD: list[_Session] = []
"""What may hold a device, of all feeds: each workspace has a feed of its own, and both name one camera."""
_HOLDING = threading.Lock()
_GLANCE = 0.05  # seconds between two looks at whether a device is free
_LATEST = 0.5  # seconds behind its own time from where on a file takes up its pace anew


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture (H, W, 3) uint8 RGB, shared by all viewers and so not to be written to.

    `number` counts from 1 since the feed began to play, `time` is `time.monotonic()` when it came.
    """

    picture: Picture
    number: int
    time: float


class Viewer:
    """One who looks at a feed. Close it when nobody sees the pictures any more."""

    def __init__(self, feed: CameraFeed, wake: Callable[[], object]) -> None:
        self.feed = feed
        self._wake = wake
        self._frame: Frame | None = None
        self._woken = False

    def take(self) -> Frame | None:
        """The newest frame, once; None if there is none since the last time. To be called at every wake."""
        with self.feed._condition:
            frame, self._frame, self._woken = self._frame, None, False
            return frame

    def close(self) -> None:
        """No frame is kept and no wake comes after one that is under way. Does not wait for the device."""
        self.feed._leave(self)


class _Session:
    """One opening of the source: from the first viewer to the last, or to the end of the pictures."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.done = threading.Event()
        self.opened = False
        self.busy_since: float | None = time.monotonic()  # in open() or read() since then
        self.count = 0
        self.due = 0.0
        self.black_since: float | None = None
        self.threads: tuple[threading.Thread, ...] = ()


class CameraFeed:
    """Pictures of one source to any number of viewers. Safe from any thread.

    `wake` of a viewer is called on the feed's threads whenever there is a frame or another status, and not
    again before `take()`. `loop`: whether files begin again at their end.
    """

    def __init__(
        self, source: Source | None = None, *, loop: bool = True, patience: float = PATIENCE
    ) -> None:
        self._condition = threading.Condition()
        self._source = source
        self._loop = loop
        self._patience = patience
        self._viewers: list[Viewer] = []
        self._session: _Session | None = None
        self._open: list[_Session] = []  # that may hold a device: the present one, and one that hangs
        self._status = IDLE
        self._closed = False

    @property
    def source(self) -> Source | None:
        return self._source

    @property
    def status(self) -> Status:
        return self._status

    @property
    def viewers(self) -> int:
        """How many look."""
        return len(self._viewers)

    @property
    def holding(self) -> bool:
        """Whether a device or a file is open."""
        return bool(self._open)

    def subscribe(self, wake: Callable[[], object]) -> Viewer:
        """A new viewer; the first one opens the source."""
        viewer = Viewer(self, wake)
        with self._condition:
            if self._closed:
                raise RuntimeError("the feed is closed")
            self._viewers.append(viewer)
            if self._session is None and not self._status.state.stopped:
                self._start()
        return viewer

    def choose(self, source: Source | None, *, loop: bool | None = None) -> None:
        """Another source for all viewers; None for none."""
        with self._condition:
            self._source = source
            self._loop = self._loop if loop is None else loop
        self.retry()

    def retry(self) -> None:
        """Opens the source anew, also one that hangs; a file begins at its beginning."""
        with self._condition:
            self._session = None
            self._status = IDLE
            for viewer in self._viewers:
                viewer._frame = None  # of another source
            if self._viewers and not self._closed:
                self._start()
            self._condition.notify_all()
        self._rouse()

    def settle(self, timeout: float = 1.0) -> bool:
        """Waits until nothing is open that nobody looks at. False if a source still hangs after `timeout`.

        Before the program ends: a thread that is within a device's driver when Python goes ends it with a
        crash.
        """
        with self._condition:
            left = [] if self._viewers else [one for session in self._open for one in session.threads]
        deadline = time.monotonic() + timeout
        for thread in left:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in left)

    def close(self, timeout: float = 2.0) -> bool:
        """Ends all viewers and gives the device back. False if a source still hangs after `timeout` seconds.

        A source that hangs is left to its thread, which closes it as soon as it returns, or ends with the
        program.
        """
        with self._condition:
            self._closed = True
            self._viewers.clear()
            self._session = None
            self._condition.notify_all()
            threads = [thread for session in self._open for thread in session.threads]
        deadline = time.monotonic() + timeout
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not self.holding

    def _leave(self, viewer: Viewer) -> None:
        with self._condition:
            if viewer in self._viewers:
                self._viewers.remove(viewer)
            viewer._frame = None
            if not self._viewers:
                self._condition.notify_all()
                if self._session is None:
                    self._status = IDLE  # what was wrong is looked at anew by the next viewer

    # From here on: with the condition held, or on the session's own threads.

    def _start(self) -> None:
        if self._source is None:
            self._status = UNCHOSEN
            return
        before = tuple(self._open)
        session = _Session(self._source)
        self._session = session
        self._open.append(session)
        self._status = Status(FeedState.OPENING, f"Opening {session.source.name} …")
        # Daemons: a source that hangs must not keep the program from ending.
        session.threads = tuple(
            threading.Thread(target=target, args=arguments, name=name, daemon=True)
            for target, arguments, name in (
                (self._read, (session, before), "camera"),
                (self._watch, (session,), "camera-watch"),
            )
        )
        for thread in session.threads:
            thread.start()

    def _wanted(self, session: _Session) -> bool:
        return self._session is session and bool(self._viewers) and not self._closed

    def _read(self, session: _Session, before: tuple[_Session, ...]) -> None:
        """The thread that opens, reads and closes."""
        ending: Status | None = None
        try:
            self._await_device(session, before)
            while ending is None and self._wanted(session):
                ending = self._play(session)
        except Unavailable as error:
            ending = Status(error.state, error.sentence, error.advice)
        except Exception as error:
            _log.info("%s failed", session.source.name, exc_info=True)
            reason = (str(error).splitlines() or [""])[0]
            sentence = f"{session.source.name} failed: {type(error).__name__}: {reason}".rstrip(": ")
            ending = Status(FeedState.LOST, f"{sentence}.", "Try again, or choose another source.")
        finally:
            self._finish(session, ending)

    def _await_device(self, session: _Session, before: tuple[_Session, ...]) -> None:
        """A device can't be opened twice: it is waited for until whoever had it has given it back."""
        deadline = time.monotonic() + self._patience
        while True:
            with _HOLDING:
                source = session.source
                elsewhere = [held for held in _HELD if source.exclusive and held.source == source]
                busy = [held for held in (*before, *elsewhere) if not held.done.is_set()]
                late = not self._wanted(session) or time.monotonic() >= deadline
                if late or not busy:
                    if source.exclusive:
                        _HELD.append(session)
                    return
            busy[0].done.wait(_GLANCE)

    def _finish(self, session: _Session, ending: Status | None) -> None:
        session.done.set()
        with _HOLDING:
            if session in _HELD:
                _HELD.remove(session)
        with self._condition:
            self._open.remove(session)
            if self._session is session:
                self._session = None
                self._status = ending if ending is not None and self._viewers else IDLE
                if ending is None and self._viewers and not self._closed:
                    self._start()  # somebody came while the device was given back
            self._condition.notify_all()
        self._rouse()

    def _play(self, session: _Session) -> Status | None:
        """The source once from its beginning; how it ended, None if it should go on or nobody wants it."""
        session.busy_since = time.monotonic()
        stream = session.source.open()
        before = session.count
        try:
            session.opened = True
            self._pump(session, stream)
        finally:
            stream.close()
        if not self._wanted(session) or (self._loop and session.count > before):
            return None
        name = session.source.name
        return Status(FeedState.ENDED, f"{name} is at its end.", "Try again to play it from its beginning.")

    def _pump(self, session: _Session, stream: Stream) -> None:
        """Delivers pictures, each at its time, until the end or until nobody wants more."""
        while self._wanted(session):
            session.busy_since = session.busy_since or time.monotonic()
            try:
                picture = stream.read()
            except NotYet:
                continue
            session.busy_since = None
            if picture is None:
                return
            _check(picture, session.source.name)
            if stream.interval is not None:
                self._keep_pace(session, stream, stream.interval)
            now = time.monotonic()
            session.count += 1
            if not is_black(picture):
                session.black_since = None
            elif session.black_since is None:
                session.black_since = now
            black = session.black_since is not None and now - session.black_since >= BLACK_AFTER
            picture.flags.writeable = False
            self._deliver(session, Frame(picture, session.count, now), black)

    def _keep_pace(self, session: _Session, stream: Stream, interval: float) -> None:
        """Waits until the picture is due; late, leaves out those whose time is over."""
        late = time.monotonic() - session.due
        if late > _LATEST:  # also at the first picture
            session.due = time.monotonic()
        elif late < 0:
            with self._condition:
                self._condition.wait_for(lambda: not self._wanted(session), -late)
        else:
            for _ in range(int(late / interval)):
                stream.skip()
                session.due += interval
        session.due += interval

    def _deliver(self, session: _Session, frame: Frame, black: bool) -> None:
        with self._condition:
            if not self._wanted(session):
                return
            self._status = (
                camera_status.black(session.source) if black else camera_status.live(session.source.name)
            )
            for viewer in self._viewers:
                viewer._frame = frame
        self._rouse()

    def _watch(self, session: _Session) -> None:
        """The thread that notices a source that hangs: the reader itself can't."""
        while not session.done.is_set():
            with self._condition:
                if self._session is not session or self._closed:
                    return
                since, allowed = session.busy_since, self._patience * (1 if session.opened else 4)
                rest = allowed if since is None else since + allowed - time.monotonic()
                hung = rest <= 0 and self._status.state is not FeedState.LOST
                if hung:
                    self._status = camera_status.hanging(session.source.name)
                else:
                    self._condition.wait(rest if rest > 0 else allowed)
            if hung:
                self._rouse()

    def _rouse(self) -> None:
        """Wakes the viewers that are not awake. Outside of the lock, as they may call back at once."""
        with self._condition:
            sleeping = [viewer for viewer in self._viewers if not viewer._woken]
            for viewer in sleeping:
                viewer._woken = True
        for viewer in sleeping:
            try:
                viewer._wake()
            except Exception:  # one receiver that fails must not cost the others their pictures
                _log.exception("a viewer of %s failed and was closed", self._source)
                viewer.close()


def is_black(picture: Picture) -> bool:
    """Whether nothing can be seen: a closed cover, or a camera that another program holds."""
    sample = picture[::16, ::16]
    return float(sample.mean()) < 8 and float(sample.std()) < 4


def _check(picture: object, name: str) -> None:
    """What a source of anybody's making must deliver."""
    if not (
        isinstance(picture, np.ndarray)
        and picture.dtype == np.uint8
        and picture.ndim == 3
        and picture.shape[2] == 3
        and picture.size
    ):
        sentence = f"The pictures of {name} have a format that cannot be shown."
        raise Unavailable(FeedState.UNREADABLE, sentence, "Choose another source.")
