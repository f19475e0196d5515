"""Frames of a camera or a video through the filters, beside the window: newest frame, newest filters."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.imaging.chain import Chain, run
from explorer.imaging.filtering import Filter
from explorer.imaging.pyramid import Pyramid
from explorer.media.camera import CameraFeed
from explorer.media.pictures import Picture
from explorer.tasks.job import Context
from explorer.tasks.priority import step_back

WAIT = 0.25
"""Seconds after which the Job looks whether it should end."""


Room = tuple[int, int]
"""Width and height of a view, in the screen's own pixels."""
Rooms = tuple[Room, Room]


@dataclass(frozen=True, eq=False)
class Filtered:
    """A picture through its filters. `seen` and `shown` are made ready for the screen.

    `seen` is what step `at` was given, `shown` what came out of it, None where it failed.
    """

    chain: Chain
    at: int
    seen: Pyramid
    shown: Pyramid | None
    seconds: float


def filtered(
    picture: Picture,
    steps: Sequence[Filter],
    at: int,
    before: Filtered | None = None,
    rooms: Rooms | None = None,
) -> Filtered:
    """All steps on a picture, and the pictures around step `at`; `before` lends what has not changed.

    With `rooms`, the sizes of the views of both, they are reduced to what is on the screen here.
    """
    begin = time.perf_counter()
    chain = run(picture, steps, before.chain if before is not None else None)
    seconds = time.perf_counter() - begin
    pictures = [picture, *(stage.shown for stage in chain.stages)]
    seen = pictures[min(at, len(pictures) - 1)]
    shown = pictures[at + 1] if at + 1 < len(pictures) else None
    if before is not None and before.seen.picture is seen:
        ready = before.seen
    else:
        ready = Pyramid(seen)
    result = Pyramid(shown) if shown is not None else None
    if rooms is not None:
        reduce(ready, rooms[0])
        if result is not None:
            reduce(result, rooms[1])
    return Filtered(chain, at, ready, result, seconds)


def reduce(pyramid: Pyramid, room: Room) -> Picture | None:
    """A picture as a view of that width and height shows the whole of it; None where it is not larger."""
    rows, columns = pyramid.size
    scale = min(room[0] / columns, room[1] / rows)
    if scale >= 1:
        return None
    return pyramid.fit(max(1, round(rows * scale)), max(1, round(columns * scale)))


class LiveFilter:
    """The Job. It looks at the feed itself; `set_steps` may be called at any time."""

    def __init__(
        self, feed: CameraFeed, steps: Sequence[Filter], at: int, rooms: Rooms | None = None
    ) -> None:
        self.title = "Filtering live"
        self._feed = feed
        self._wanted = (tuple(steps), at)
        self.rooms = rooms
        self._something = threading.Event()

    def set_steps(self, steps: Sequence[Filter], at: int) -> None:
        """Other filters, from the next frame on, or from the last one if no other comes."""
        self._wanted = (tuple(steps), at)
        self._something.set()

    def wake(self) -> None:
        """The Job should look whether it is to end."""
        self._something.set()

    def run(self, context: Context) -> None:
        """Until stopped. Shows a `Filtered` for the newest frame, never two for the same filters."""
        step_back()
        viewer = self._feed.subscribe(self._something.set)
        try:
            picture: Picture | None = None
            while True:
                self._something.wait(WAIT)
                fresh = self._something.is_set()
                self._something.clear()
                context.check()
                frame = viewer.take()
                if frame is not None:
                    picture = frame.picture
                if picture is not None and fresh:
                    context.show(filtered(picture, *self._wanted, rooms=self.rooms))
        finally:
            viewer.close()
