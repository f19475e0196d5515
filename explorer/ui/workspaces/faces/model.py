"""What all tabs of Faces share: the feed, what is found in it, the gallery, the threshold, the claim."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot

from explorer.faces.calibration import SFACE, Calibration
from explorer.faces.decision import FAR_LIMIT, averaged
from explorer.faces.encoder import unit
from explorer.faces.encoders import EncoderChoice, shipped
from explorer.faces.gallery.database import Busy
from explorer.faces.gallery.gallery import Gallery, MemoryGallery
from explorer.faces.pipeline import FacePipeline, Reading
from explorer.media.camera import CameraFeed, Frame
from explorer.media.camera_status import Status
from explorer.media.pictures import Picture
from explorer.media.qt_camera import FeedViewer
from explorer.media.sources import FeedState, Source
from explorer.tasks.qt import Handle, Runner
from explorer.ui.workspace import Surroundings
from explorer.ui.workspaces.faces.watch import Answer, MakeEncoder, Requests, Sight, Watch

Done = Callable[[Any], object]
Failed = Callable[[Exception], object]


OFF = Status(FeedState.IDLE, "The camera is off.")


class FacesModel(QObject):
    """Lives in the window's thread; all its signals are emitted there."""

    frame_changed = Signal()
    """`frame` is a newer one, or None again."""
    status_changed = Signal()
    """`status` of the feed is another."""
    seen = Signal(object)
    """A `Sight`: what was found in a frame. Later than the frame itself."""
    gallery_changed = Signal()
    """Other people or pictures, or another gallery, or another encoder: see `people` and `known`."""
    threshold_changed = Signal()
    encoder_changed = Signal()
    """`encoder` is another."""
    claim_changed = Signal()
    """`claim` is another name, or None."""
    source_changed = Signal()
    """`source` is another, or None."""
    chips_arrived = Signal()
    """`chips_of` somebody who was asked for is known now."""

    _moved = Signal()

    def __init__(self, surroundings: Surroundings, gallery: Gallery | None = None) -> None:
        super().__init__()
        self.surroundings = surroundings
        self.feed = CameraFeed()
        self.frame: Frame | None = None
        self.status = OFF
        self.claim: str | None = None
        self.locked = False
        self.encoder = shipped()
        self.threshold = self.encoder.threshold
        self.far_limit = FAR_LIMIT
        self._running = False
        self._looking = True
        self._paused = False
        self._screen = FeedViewer(self.feed, self)
        self._screen.frame.connect(self._take_frame)
        self._screen.status.connect(self._take_status)
        self._runner: Runner | None = None
        self._handle: Handle | None = None
        self._watch: Watch | None = None
        self._requests = Requests()
        self._numbers = count(1)
        self._asked: dict[int, tuple[Done, Failed | None]] = {}
        self._known: tuple[NDArray[np.float32], tuple[str, ...]] | None = None
        self._people: tuple[NDArray[np.float32], tuple[str, ...]] | None = None
        self._names: tuple[str, ...] | None = None
        self._chips: dict[str, tuple[Picture, ...]] = {}
        self._chips_asked: set[str] = set()
        self._stale = False
        self._reencoded: dict[str, NDArray[np.float32]] = {}
        self._gallery: Gallery = MemoryGallery() if gallery is None else gallery
        gallery = self._gallery
        # A gallery may be changed by the thread of the analysis: the word of it comes here.
        self._moved.connect(self.catch_up)
        self._forget_gallery = gallery.changed.connect(self._gallery_changed)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.close_down)

    # -- looking ---------------------------------------------------------------------------------------

    @property
    def source(self) -> Source | None:
        """What the pictures come from."""
        return self.feed.source

    @property
    def running(self) -> bool:
        """Whether Faces is on show and the analysis runs."""
        return self._running

    @property
    def paused(self) -> bool:
        """Whether the person stopped the picture."""
        return self._paused

    def choose_source(self, source: Source | None, *, loop: bool = True) -> None:
        """Look through another source, from its beginning."""
        self._paused = False
        self._drop_frame()
        self.feed.choose(source, loop=loop)
        self._subscribe()
        self.source_changed.emit()

    def retry(self) -> None:
        """Open the source anew."""
        self._drop_frame()
        self.feed.retry()

    def set_paused(self, paused: bool) -> None:
        """Stop the picture and give the device back, or go on."""
        if paused != self._paused:
            self._paused = paused
            self._subscribe()
            self.status_changed.emit()

    def resume(self) -> None:
        """Faces is on show: the analysis runs, and the device is opened where one is looked through."""
        if not self._running:
            self._running = True
            self._start()
            self._subscribe()

    def pause(self) -> None:
        """Faces is not on show any more: the device is given back, the analysis ends."""
        if self._running:
            self._running = False
            self._subscribe()
            self._stop()
            self._drop_frame()

    def look(self, looking: bool) -> None:
        """Whether what is on show needs the camera; without, the device is given back."""
        if looking != self._looking:
            self._looking = looking
            self._subscribe()
            if not looking:
                self._drop_frame()

    def pick(self, point: tuple[float, float]) -> None:
        """Follow the face at a point (x, y), in pixels of the frame."""
        self._requests.pick(point)

    @Slot()
    def close_down(self) -> None:
        """End everything and wait for it; `resume` begins again."""
        self.pause()
        if self._runner is not None:
            self._runner.close()
            self._runner = None
        self.feed.settle()

    def _subscribe(self) -> None:
        """Two mailboxes at the feed, one to show and one to analyse, or none."""
        wanted = self._running and self._looking and not self._paused and self.feed.source is not None
        watch = self._watch
        if wanted and not self._screen.running:
            self._screen.start()
            if watch is not None:
                watch.viewer = self.feed.subscribe(watch.wake)
        elif not wanted and self._screen.running:
            self._screen.stop()
            if watch is not None and watch.viewer is not None:
                watch.viewer.close()
                watch.viewer = None
            # The feed says so a moment later, when the device is closed, and to nobody.
            self._take_status(OFF)

    def _start(self) -> None:
        if self._runner is None:
            self._runner = Runner(self)
            self._runner.failed.connect(lambda handle: self.surroundings.messages.error(handle.error))
        self._watch = Watch(self._requests, self.make_encoder)
        self._handle = self._runner.start(self._watch, on_event=self._event)

    def _stop(self) -> None:
        if self._handle is not None and self._watch is not None:
            self._handle.stop()
            self._watch.wake()
        self._handle = self._watch = None

    def _drop_frame(self) -> None:
        if self.frame is not None:
            self.frame = None
            self.frame_changed.emit()

    @Slot(object)
    def _take_frame(self, frame: Frame) -> None:
        self.frame = frame
        self.frame_changed.emit()

    @Slot(object)
    def _take_status(self, status: Status) -> None:
        if status != self.status:
            self.status = status
            self.status_changed.emit()

    def _event(self, event: object) -> None:
        if isinstance(event, Sight):
            timely = event.reading is None or self.comparable(event.reading)
            if self._running and not self._paused and timely:
                self.seen.emit(event)
        elif isinstance(event, Answer):
            self._answered(event)

    # -- questions about pictures ------------------------------------------------------------------------

    def ask(self, work: Callable[[FacePipeline], Any], done: Done, failed: Failed | None = None) -> None:
        """Do `work` with the pipeline beside the window; `done(value)` or `failed(error)` comes back here.

        Without `failed` the error goes to the message line. Waits while nobody looks.
        """
        number = next(self._numbers)
        self._asked[number] = (done, failed)
        self._requests.put(number, work)

    def _answered(self, answer: Answer) -> None:
        done, failed = self._asked.pop(answer.number)
        if answer.error is None:
            done(answer.value)
        elif failed is not None:
            failed(answer.error)
        else:
            self.surroundings.messages.error(answer.error)

    # -- the gallery -------------------------------------------------------------------------------------

    @property
    def gallery(self) -> Gallery:
        """Who is enrolled. Its own `changed` leads to `gallery_changed`.

        What may wait for a disk is not for the window's thread: `Clerk` writes, `ask` and Jobs read.
        """
        return self._gallery

    def use_gallery(self, gallery: Gallery) -> None:
        """Go on with another gallery; the one before is left as it is."""
        self._forget_gallery()
        self._gallery = gallery
        self._forget_gallery = gallery.changed.connect(self._gallery_changed)
        self._gallery_moved()

    def set_locked(self, locked: bool) -> None:
        """Whether people are kept on this computer that wait for their passphrase."""
        if locked != self.locked:
            self.locked = locked
            self.gallery_changed.emit()

    @property
    def nobody(self) -> tuple[str, str]:
        """What is said where there is nobody to compare with, and what to do."""
        if self.locked:
            return "The gallery is locked", "Unlock it to compare with the people kept on this computer."
        return "Nobody is enrolled", "One picture of a person is enough: Enrol…"

    def known(self) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        """The embeddings of all enrolled pictures by the encoder in use, (n, size), and whose each row is."""
        if self._known is None:
            matrix, names = self._gallery.embeddings(self.encoder.version)
            rows, owners = [np.asarray(matrix, np.float32)], list(names)
            for name, more in self._reencoded.items():
                rows.append(more)
                owners += [name] * len(more)
            filled = [part for part in rows if len(part)]
            together = np.concatenate(filled) if filled else np.empty((0, 0), np.float32)
            self._known = together, tuple(owners)
        return self._known

    def people(self) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        """One embedding a person, (K, size), the mean of all their pictures', and whose each row is."""
        if self._people is None:
            self._people = averaged(*self.known())
        return self._people

    def row_of(self, name: str) -> NDArray[np.float32]:
        """The embedding of one person, (1, size); (0, size) while the encoder in use has not read them."""
        matrix, names = self.people()
        return matrix[[index for index, owner in enumerate(names) if owner == name]]

    def comparable(self, reading: Reading) -> bool:
        """Whether the encoder in use has read it: what another one has read cannot be compared."""
        return reading.encoder == self.encoder.version

    def _gallery_changed(self) -> None:
        """On any thread."""
        self._stale = True
        self._moved.emit()

    @Slot()
    def catch_up(self) -> None:
        """Take notice now of what a Job has changed in the gallery, if it has."""
        if self._stale:
            self._gallery_moved()

    def _gallery_moved(self) -> None:
        self._stale = False
        self._known = self._people = self._names = None
        self._chips, self._chips_asked, self._reencoded = {}, set(), {}
        self._encode_missing()
        if self.claim is not None and self.claim not in self.names():
            self.set_claim(None)
        self.gallery_changed.emit()

    def names(self) -> tuple[str, ...]:
        """Everybody who is enrolled."""
        if self._names is None:
            self._names = tuple(person.name for person in self._gallery.people())
        return self._names

    def chips_of(self, name: str) -> tuple[Picture, ...]:
        """The aligned pictures of a person, (112, 112, 3) each; () if nobody is enrolled by this name.

        Those of a gallery on disk are () at first; `chips_arrived` tells when they have been read.
        """
        if name not in self._chips and name in self.names():
            if isinstance(self._gallery, MemoryGallery):
                self._chips[name] = self._gallery.chips(name)
            elif name not in self._chips_asked:
                self._chips_asked.add(name)
                gallery, asked = self._gallery, self._chips_asked
                done, failed = (
                    partial(self._chips_read, name, asked),
                    partial(self._chips_failed, name, asked),
                )
                self.ask(lambda _: gallery.chips(name), done, failed)
        return self._chips.get(name, ())

    def _chips_read(self, name: str, asked: set[str], chips: tuple[Picture, ...]) -> None:
        if asked is self._chips_asked:  # of the gallery as it is now
            self._chips[name] = chips
            self.chips_arrived.emit()

    def _chips_failed(self, name: str, asked: set[str], error: Exception) -> None:
        self.catch_up()
        if isinstance(error, Busy):
            asked.discard(name)  # asked for again when it is painted again
        elif asked is self._chips_asked:  # else the person was renamed or deleted meanwhile
            self.surroundings.messages.error(error)

    def _encode_missing(self) -> None:
        """What another encoder has read is read again by the one in use, from the chips.

        The gallery itself keeps only what the encoder that ships makes of them.
        """
        gallery, version = self._gallery, self.encoder.version
        if self.encoder.ships:
            if gallery.outdated(version):
                self.ask(lambda pipeline: gallery.encode_anew(pipeline.encoder), lambda _: None)
            return
        for name in self.names():
            self.ask(partial(_encode, gallery, name), partial(self._encoded, name))

    def _encoded(self, name: str, answer: tuple[str, NDArray[np.float32]]) -> None:
        version, rows = answer
        if version == self.encoder.version and name in self.names():
            self._reencoded[name] = rows
            self._known = self._people = None
            self.gallery_changed.emit()

    # -- decisions ---------------------------------------------------------------------------------------

    def set_claim(self, name: str | None) -> None:
        """Whom the person before the camera claims to be."""
        if name != self.claim:
            self.claim = name
            self.claim_changed.emit()

    def set_threshold(self, threshold: float) -> None:
        """Squared L2 for one claimed person: the same person if and only if distance ≤ threshold."""
        if threshold != self.threshold:
            self.threshold = threshold
            self.threshold_changed.emit()

    def set_far_limit(self, far: float) -> None:
        """The chance that a stranger gets in among all the people enrolled, for recognition."""
        if far != self.far_limit:
            self.far_limit = far
            self.threshold_changed.emit()

    @property
    def calibration(self) -> Calibration | None:
        """What distances of the encoder in use mean, where that was measured."""
        return self.encoder.calibration

    @property
    def recognise_threshold(self) -> float:
        """Squared L2, tighter the more people are enrolled.

        Which distance lets in how many is known where it was measured; another encoder's own threshold for
        one person is tightened in the same proportion as that of the one that ships, and never loosened.
        """
        people = max(1, len(self.names()))
        if self.calibration is not None:  # never laxer than for one claimed person
            return min(self.calibration.threshold, self.calibration.threshold_for(self.far_limit, people))
        return self.threshold * min(1.0, SFACE.threshold_for(self.far_limit, people) / SFACE.threshold)

    @property
    def make_encoder(self) -> MakeEncoder | None:
        """Makes the encoder in use, for a thread of its own; None for the one that ships."""
        return None if self.encoder.ships else self.encoder.make

    def use_encoder(self, encoder: EncoderChoice) -> None:
        """Go on with another encoder: the gallery's chips are read again by it, τ becomes its own."""
        if encoder.version == self.encoder.version:
            return
        self.encoder = encoder
        if self._running:
            self.pause()
            self.resume()
        self.set_threshold(encoder.threshold)
        self._gallery_moved()
        self.encoder_changed.emit()


def _encode(gallery: Gallery, name: str, pipeline: FacePipeline) -> tuple[str, NDArray[np.float32]]:
    """One person's pictures by the encoder that is in use by now, and which that is."""
    encoder = pipeline.encoder
    return encoder.version, np.stack([unit(encoder.encode(chip)) for chip in gallery.chips(name)])
