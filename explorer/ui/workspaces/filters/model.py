"""What the lab holds: filters with their history, the picture or the live source, the result, one pixel."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal

from explorer.imaging import kernels
from explorer.imaging.chain import Stage, effort
from explorer.imaging.explanation import Explanation, explain
from explorer.imaging.filtering import Filter
from explorer.imaging.kernels import Kernel
from explorer.media.camera import CameraFeed
from explorer.media.camera_status import Status
from explorer.media.pictures import Picture, read_picture
from explorer.media.qt_camera import FeedViewer
from explorer.media.sources import Source
from explorer.tasks.job import Context, Work
from explorer.tasks.qt import Handle, Runner
from explorer.ui.workspaces.filters.live import Filtered, LiveFilter, Rooms, filtered
from explorer.ui.workspaces.filters.past import Past
from explorer.ui.workspaces.filters.recipe import Recipe, applied

QUICK = 60_000_000
"""Products that are done at once: about 15 ms. What costs more runs beside the window."""


class Lab(QObject):
    """Everything follows from the recipe and the picture; the parts of the workspace observe the signals."""

    recipe_changed = Signal()
    source_changed = Signal()
    result_changed = Signal()
    """The result, or that it is being computed."""
    pixel_changed = Signal()
    feed_changed = Signal()

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self.past = Past(Recipe((applied(kernels.BY_NAME["edges-laplace-8"]),)))
        self.picture: Picture | None = None
        self.title = ""
        self.note = ""
        """What must be known of the picture, e.g. what the lecture says of it."""
        self.result: Filtered | None = None
        self.pixel = (0, 0)
        self.channel = 0
        self.filters = 8
        """How many such filters a layer would have: for the size of its output only."""
        self.feed = CameraFeed()
        self.status: Status | None = None
        self._viewer = FeedViewer(self.feed, self)
        self._viewer.status.connect(self._take_status)
        self._live: LiveFilter | None = None
        self._live_handle: Handle | None = None
        self._job: Handle | None = None
        self._again = False
        self._reading: Handle | None = None
        self._shown = False
        self._settles = False
        self.rooms: Rooms | None = None
        """The sizes of the views of input and output."""

    # -- the filters -------------------------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe:
        return self.past.value

    @property
    def filter(self) -> Filter:
        """The filter that is looked at."""
        return self.recipe.filter

    def put(self, recipe: Recipe, title: str, merge: str | None = None) -> None:
        """Other filters; one step of the history."""
        before = self.recipe
        self.past.put(recipe, title, merge)
        if self.recipe != before:
            self._changed()

    def change(self, title: str, merge: str | None = None, **fields: Any) -> None:
        """Other settings of the filter that is looked at."""
        self.put(self.recipe.changed(**fields), title, merge)

    def choose_kernel(self, kernel: Kernel) -> None:
        """Another kernel, with the scale and the offset that suit it."""
        title = f"kernel {kernel.title}"
        summed = {"channels": "sum"} if kernel.colors else {}
        self.change(title, kernel=kernel, bias=0.0, scale=kernel.scale, offset=kernel.offset, **summed)

    def add_step(self) -> None:
        """One more filter after this one, which leaves the picture as it is until a kernel is chosen."""
        self.put(self.recipe.added(), "add a filter")

    def remove_step(self, index: int) -> None:
        """One filter less; the last one stays."""
        self.put(self.recipe.without(index), "remove a filter")

    def move_step(self, index: int, by: int) -> None:
        """A filter earlier or later in the chain; it is looked at afterwards."""
        self.put(self.recipe.moved(index, by), "move a filter")

    def look_at(self, index: int) -> None:
        """Another filter of the chain: no step of the history."""
        if index != self.recipe.at and 0 <= index < len(self.recipe.steps):
            self.past.seal()
            self.past.value = Recipe(self.recipe.steps, index)
            self._changed()

    def undo(self) -> None:
        if self.past.undo():
            self._changed()

    def redo(self) -> None:
        if self.past.redo():
            self._changed()

    def _changed(self) -> None:
        self.recipe_changed.emit()
        self._compute()

    # -- the picture -------------------------------------------------------------------------------------

    @property
    def live(self) -> bool:
        """Whether frames come, or should."""
        return self._live is not None

    def show_picture(self, picture: Picture, title: str, note: str = "") -> None:
        """A picture, (H, W) or (H, W, 3) uint8."""
        self._end_live()
        self.feed.choose(None)
        self._take_picture(picture, title, note)

    def open_picture(self, path: Path) -> None:
        """A picture from a file, read beside the window."""
        if self._reading is not None:
            self._reading.stop()

        def read(context: Context) -> Picture:
            picture = read_picture(path)
            context.check()
            return picture

        job = Work(f"Reading {path.name}", read)
        self._reading = self._runner.start(job, on_done=partial(self._read, path))

    def _read(self, path: Path, picture: Picture) -> None:
        self.show_picture(picture, path.name)

    def choose_source(self, source: Source, note: str = "") -> None:
        """A camera or a video: its newest frame, again and again."""
        self._end_live()
        self.feed.choose(source)
        self.title, self.note = source.name, note
        self.picture = self.result = None  # what was shown is not of this source
        self._begin_live()
        self.source_changed.emit()
        self.result_changed.emit()

    def freeze(self) -> None:
        """Stay with the frame that is on show; `go_on` looks at the source again."""
        if self.live:
            self._end_live()
            if self.result is not None:
                self.picture = self.result.chain.picture
            self.source_changed.emit()
            self.result_changed.emit()

    @property
    def frozen(self) -> bool:
        """Whether a frame of a live source is looked at."""
        return not self.live and self.feed.source is not None

    def go_on(self) -> None:
        if self.frozen:
            self._begin_live()
            self.source_changed.emit()

    def retry(self) -> None:
        """Open the source anew."""
        self.feed.retry()

    def _take_picture(self, picture: Picture, title: str, note: str) -> None:
        self.picture, self.title, self.note = picture, title, note
        self.result = None
        self.pixel = picture.shape[0] // 2, picture.shape[1] // 2
        self.source_changed.emit()
        self._compute()

    # -- the result --------------------------------------------------------------------------------------

    @property
    def stage(self) -> Stage | None:
        """What the filter that is looked at did; None where nothing came out."""
        if self.result is None or self.result.at != self.recipe.at:
            return None
        stages = self.result.chain.stages
        if self.recipe.at < len(stages) and stages[self.recipe.at].filter == self.filter:
            return stages[self.recipe.at]
        return None

    @property
    def computing(self) -> bool:
        return self._job is not None

    def _compute(self) -> None:
        recipe = self.recipe
        if self._live is not None:
            self._live.set_steps(recipe.steps, recipe.at)
            return
        if self.picture is None:
            return
        if self._job is not None:
            self._again = True
            return
        if effort(self.picture, recipe.steps) <= QUICK:
            self._take(filtered(self.picture, recipe.steps, recipe.at, self.result))
            return
        picture, before, rooms = self.picture, self.result, self.rooms

        def work(context: Context) -> Filtered:
            return filtered(picture, recipe.steps, recipe.at, before, rooms)

        self._again = False
        self._job = self._runner.start(Work(f"Filtering {self.title}", work), on_done=self._computed)
        self._job.ended.connect(self._job_ended)
        self.result_changed.emit()

    def _computed(self, result: Filtered) -> None:
        if self._live is None and result.chain.picture is self.picture:
            self._take(result)

    def _job_ended(self) -> None:
        self._job = None
        if self._again:
            self._again = False
            self._compute()
        else:
            self.result_changed.emit()

    def _take(self, result: Filtered) -> None:
        self.result = result
        rows, columns = self.out
        kept = min(self.pixel[0], max(0, rows - 1)), min(self.pixel[1], max(0, columns - 1))
        moved = kept != self.pixel
        self.pixel = kept
        self.result_changed.emit()
        if moved:
            self.pixel_changed.emit()

    # -- the pixel ---------------------------------------------------------------------------------------

    @property
    def out(self) -> tuple[int, int]:
        """Rows and columns of the result, (0, 0) without one."""
        stage = self.stage
        return (stage.shown.shape[0], stage.shown.shape[1]) if stage is not None else (0, 0)

    def set_pixel(self, row: int, column: int) -> None:
        """The pixel of the result that is explained; brought into the result if it lies outside."""
        rows, columns = self.out
        pixel = max(0, min(row, rows - 1)), max(0, min(column, columns - 1))
        if pixel != self.pixel and rows:
            self.pixel = pixel
            self.pixel_changed.emit()

    def set_channel(self, channel: int) -> None:
        """The colour whose products are written out."""
        if channel != self.channel:
            self.channel = channel
            self.pixel_changed.emit()

    def set_filters(self, count: int) -> None:
        """How many such filters a layer would have."""
        self.filters = count
        self.result_changed.emit()

    def set_rooms(self, rooms: Rooms) -> None:
        """The views have other sizes."""
        self.rooms = rooms
        if self._live is not None:
            self._live.rooms = rooms

    def explanation(self) -> Explanation | None:
        """How the chosen pixel came about; None without a result."""
        stage = self.stage
        if stage is None:
            return None
        return explain(stage.planes, stage.filter, *self.pixel, self.channel)

    # -- live --------------------------------------------------------------------------------------------

    def resume(self) -> None:
        """The workspace is shown."""
        self._shown = True
        if self._live is not None and self._live_handle is None:
            self._start_live(self._live)

    def pause(self) -> None:
        """The workspace is hidden: the camera is given back."""
        self._shown = False
        self._stop_live()

    def close_down(self) -> None:
        """The window closes."""
        self._shown = False
        self._stop_live()
        if self._reading is not None:
            self._reading.stop()
        application = QCoreApplication.instance()
        if application is not None and not self._settles:
            self._settles = True
            application.aboutToQuit.connect(self.feed.settle)

    def _begin_live(self) -> None:
        self._live = LiveFilter(self.feed, self.recipe.steps, self.recipe.at, self.rooms)
        self.status = None
        if self._shown:
            self._start_live(self._live)

    def _start_live(self, live: LiveFilter) -> None:
        live.set_steps(self.recipe.steps, self.recipe.at)
        self._viewer.start()
        handle = self._runner.start(live, on_event=partial(self._take_live, live))
        handle.ended.connect(partial(self._live_ended, handle))
        self._live_handle = handle

    def _live_ended(self, handle: Handle) -> None:
        if handle is self._live_handle:  # stopped at the status line, not here
            self._live_handle = None
            self.freeze()

    def _take_live(self, live: LiveFilter, event: object) -> None:
        if live is self._live and isinstance(event, Filtered):
            self.picture = event.chain.picture
            self._take(event)

    def _stop_live(self) -> None:
        self._viewer.stop()
        handle, self._live_handle = self._live_handle, None
        if handle is not None:
            handle.stop()
            if self._live is not None:
                self._live.wake()

    def _end_live(self) -> None:
        self._stop_live()
        self._live = None

    def _take_status(self, status: Status) -> None:
        self.status = status
        self.feed_changed.emit()
