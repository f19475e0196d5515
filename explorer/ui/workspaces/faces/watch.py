"""The analysis beside the window: one Job with its own detector and encoder, the newest frame first.

Every frame that it takes is searched for faces; the face that is followed is read every tenth of a second,
and less often when nothing has changed for a while. Questions about pictures (`Requests`) come in between.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from explorer.faces.continuity import appearance
from explorer.faces.detector import Face
from explorer.faces.encoder import Encoder
from explorer.faces.pipeline import FacePipeline, NoFace, Reading
from explorer.faces.quality import Hint
from explorer.media.camera import Frame, Viewer
from explorer.tasks.job import Context
from explorer.tasks.priority import step_back
from explorer.ui.workspaces.faces.tracking import Tracker

READ_EVERY, READ_EVERY_CALM = 0.1, 0.22
"""Seconds between two readings: at first, and when a face has been followed for `CALM_AFTER` seconds."""
CALM_AFTER = 3.0
SLOW = 0.15
"""Seconds of a careful reading, beyond which the quick way must do: an answer must come in a second."""

MakeEncoder = Callable[[], Encoder]


@dataclass(frozen=True, eq=False)
class Sight:
    """What was found in one frame of `size` (height, width), taken at `time` (seconds, monotonic).

    `face` is the one followed; `track` is another number when it is another face than before. `reading` is
    None in the frames in which it was not read; `refused` says why it could not be.
    """

    number: int
    time: float
    size: tuple[int, int]
    faces: tuple[Face, ...]
    face: Face | None
    track: int
    reading: Reading | None
    refused: Hint | None
    detect_ms: float
    encode_ms: float | None


@dataclass(frozen=True, eq=False)
class Answer:
    """To the request with `number`: a value, or the error that it raised."""

    number: int
    value: Any
    error: Exception | None = None


class Requests:
    """Questions for the pipeline, from the window's thread; they wait while no analysis runs."""

    def __init__(self) -> None:
        self.something = threading.Event()
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, Callable[[FacePipeline], Any]]] = deque()
        self._point: tuple[float, float] | None = None

    def put(self, number: int, work: Callable[[FacePipeline], Any]) -> None:
        with self._lock:
            self._waiting.append((number, work))
        self.something.set()

    def pick(self, point: tuple[float, float]) -> None:
        """Follow the face at a point (x, y) of the frame."""
        self._point = point

    def take(self) -> tuple[int, Callable[[FacePipeline], Any]] | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def take_point(self) -> tuple[float, float] | None:
        point, self._point = self._point, None
        return point


class Watch:
    """The Job. `viewer` is its own mailbox at the feed, or None when there is only something to answer."""

    title = "Looking for faces"

    def __init__(self, requests: Requests, encoder: MakeEncoder | None = None) -> None:
        self.viewer: Viewer | None = None
        self._requests = requests
        self._make_encoder = encoder
        self._tracker = Tracker()
        self._read_at = float("-inf")
        self._since = 0.0
        self._careful_s = 0.0
        self._track = 0

    def wake(self) -> None:
        """There is a frame, a question, or a wish to end."""
        self._requests.something.set()

    def run(self, context: Context) -> None:
        """Until stopped. Raises UserError where a model that ships is damaged."""
        step_back()
        pipeline = FacePipeline(encoder=self._make_encoder() if self._make_encoder else None)
        while True:
            self._requests.something.wait(0.1)
            self._requests.something.clear()
            context.check()
            while (request := self._requests.take()) is not None:
                context.record(_answer(pipeline, *request))
                context.check()
            viewer = self.viewer
            frame = viewer.take() if viewer is not None else None
            if frame is not None:
                self._look(pipeline, frame, context)

    def _look(self, pipeline: FacePipeline, frame: Frame, context: Context) -> None:
        """Tells where the faces are as soon as that is known, and what was read of one when it has been."""
        began = time.perf_counter()
        faces = pipeline.find(frame.picture)
        detect_ms = (time.perf_counter() - began) * 1000
        size = (frame.picture.shape[0], frame.picture.shape[1])
        looks = partial(appearance, frame.picture)
        face = self._tracker.follow(faces, size, frame.time, looks, self._requests.take_point())
        sight = Sight(
            frame.number,
            frame.time,
            size,
            tuple(faces),
            face,
            self._tracker.track,
            None,
            None,
            detect_ms,
            None,
        )
        context.record(sight)
        if face is not None and self._due(frame.time):
            self._read_at = frame.time
            context.record(self._read(pipeline, frame, face, sight))

    def _read(self, pipeline: FacePipeline, frame: Frame, face: Face, sight: Sight) -> Sight:
        """The sight with what was read of its face. On a machine that has no time the quick way must do."""
        reading, refused = None, None
        began = time.perf_counter()
        try:
            reading = pipeline.read(frame.picture, face, careful=self._careful_s < SLOW)
        except NoFace as error:
            refused = error.hint
        took = time.perf_counter() - began
        # The quick way takes a third of the time: what it took tells when there is time again.
        self._careful_s = took if self._careful_s < SLOW else 3 * took
        return replace(sight, reading=reading, refused=refused, encode_ms=1000 * took)

    def _due(self, now: float) -> bool:
        """Whether the followed face should be read again; a new one is, at once."""
        if self._tracker.track != self._track:
            self._track, self._since = self._tracker.track, now
            return True
        calm = now - self._since > CALM_AFTER
        return now - self._read_at >= (READ_EVERY_CALM if calm else READ_EVERY)


def _answer(pipeline: FacePipeline, number: int, work: Callable[[FacePipeline], Any]) -> Answer:
    try:
        return Answer(number, work(pipeline))
    except Exception as error:  # the asker is told; the analysis goes on
        return Answer(number, None, error)
