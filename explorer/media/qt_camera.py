"""Cameras through Qt Multimedia: listed by name, watched for hot-plug, asked for permission, opened.

Qt Multimedia is loaded when the first camera is asked for, not on the start-up path: on Linux it needs
PulseAudio's library. Checked with frames put into Qt's own video sink; no machine with a camera was at hand,
so opening a real device, hot-plug and the permission dialogs of macOS and Windows are untested.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from explorer.media.camera import CameraFeed, Viewer
from explorer.media.camera_status import Status
from explorer.media.pictures import Picture
from explorer.media.sources import FeedState, NotYet, Stream, Unavailable
from explorer.network.errors import UserError

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QCamera, QCameraDevice, QMediaCaptureSession, QVideoFrame, QVideoSink

_WAIT = 0.5  # seconds for which read() waits before it says NotYet
_POLL = 0.004  # seconds from one look at the sink to the next: short beside the 16 ms of 60 frames a second


def multimedia() -> ModuleType:
    """Qt Multimedia. Raises UserError where it or a library of the system that it needs is missing."""
    try:
        from PySide6 import QtMultimedia
    except ImportError as error:
        raise UserError(
            f"cameras cannot be used: Qt Multimedia does not load ({error}); on Debian and Ubuntu install "
            "libpulse0, or open a video or a picture in place of the camera"
        ) from None
    return QtMultimedia


class Cameras(QObject):
    """The cameras of this computer. One per window; lives in the window's thread.

    Raises UserError when it is made where Qt Multimedia does not load.
    """

    changed = Signal()
    """One was plugged in or unplugged."""
    _open = Signal(object)
    _shut = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._media = multimedia()
        self._devices = self._media.QMediaDevices(self)
        self._devices.videoInputsChanged.connect(self._rearranged)
        self._running: dict[SinkStream, tuple[QCamera, QMediaCaptureSession, QVideoSink]] = {}
        # Asked for on a feed's thread, done in this one.
        self._open.connect(self._begin, Qt.ConnectionType.QueuedConnection)
        self._shut.connect(self._end, Qt.ConnectionType.QueuedConnection)

    def sources(self) -> tuple[QtDevice, ...]:
        """The cameras that are plugged in, the system's default first; names of two cameras are numbered."""
        default = self._media.QMediaDevices.defaultVideoInput().id()
        every = self._media.QMediaDevices.videoInputs()
        found = sorted(every, key=lambda device: device.id() != default)
        names = [device.description() or "Camera" for device in found]
        numbered = [
            f"{name} ({names[:place].count(name) + 1})" if names.count(name) > 1 else name
            for place, name in enumerate(names)
        ]
        return tuple(
            QtDevice(name, bytes(device.id().data()), self)
            for name, device in zip(numbered, found, strict=True)
        )

    def close(self) -> None:
        """Gives all devices back at once: the window closes."""
        for stream in tuple(self._running):
            self._end(stream)

    @Slot(object)
    def _begin(self, stream: SinkStream) -> None:
        """The camera is started, after the person was asked where the system wants that."""
        application, permission = QCoreApplication.instance(), QCameraPermission()
        if application is None:
            return
        status = application.checkPermission(permission)
        if status is Qt.PermissionStatus.Undetermined:
            application.requestPermission(
                permission, self, lambda answer: self._allowed(stream, answer.status())
            )
        else:
            self._allowed(stream, status)

    def _allowed(self, stream: SinkStream, status: Qt.PermissionStatus) -> None:
        if stream.closed:
            return
        if status is not Qt.PermissionStatus.Granted:
            stream.fail(
                Unavailable(
                    FeedState.DENIED, f"The system does not let this program use '{stream.name}'.",
                    "Allow it in the system's privacy settings, then try again.",
                )
            )  # fmt: skip
            return
        device = self._plugged_in(stream.device)
        if device is None:
            stream.fail(_gone(stream.name))
            return
        camera = self._media.QCamera(device, self)
        session = self._media.QMediaCaptureSession(self)
        sink = self._media.QVideoSink(self)
        camera.errorOccurred.connect(lambda _code, text: stream.fail(_failed(stream.name, text)))
        stream.watch(sink)
        session.setCamera(camera)
        session.setVideoSink(sink)
        self._running[stream] = (camera, session, sink)
        camera.start()

    @Slot(object)
    def _end(self, stream: SinkStream) -> None:
        stream.watch(None)  # before the sink is gone
        camera, session, sink = self._running.pop(stream, (None, None, None))
        if camera is not None:
            camera.stop()
        for part in (session, camera, sink):
            if part is not None:
                part.deleteLater()

    @Slot()
    def _rearranged(self) -> None:
        for stream in self._running:
            if self._plugged_in(stream.device) is None:
                stream.fail(_gone(stream.name))
        self.changed.emit()

    def _plugged_in(self, device: bytes) -> QCameraDevice | None:
        every = self._media.QMediaDevices.videoInputs()
        return next((one for one in every if bytes(one.id().data()) == device), None)


@dataclass(frozen=True)
class QtDevice:
    """A camera by the name that the system has for it: a `Source`. Equal where the device is the same."""

    exclusive: ClassVar[bool] = True
    name: str
    device: bytes
    cameras: Cameras = field(compare=False)

    def open(self) -> Stream:
        """Comes back at once; what is wrong shows when it is read."""
        stream = SinkStream(self.name, self.device, self.cameras._shut.emit)
        self.cameras._open.emit(stream)
        return stream


class SinkStream:
    """The newest frame of a QVideoSink.

    The reader asks the sink again and again. A slot of `videoFrameChanged` would run on the thread on which
    Qt brings the frames: that one would wait for Python's lock, while `stop()` in the window holds the lock
    and waits for that thread.
    """

    interval: float | None = None

    def __init__(self, name: str, device: bytes, shut: Callable[[SinkStream], object]) -> None:
        self.name, self.device = name, device
        self.closed = False
        self._shut = shut
        self._something = threading.Condition()
        self._sink: QVideoSink | None = None
        self._last: QVideoFrame | None = None
        self._fault: Unavailable | None = None

    def watch(self, sink: QVideoSink | None) -> None:
        """Take the frames from this sink, or from none any more. It is not asked again once this is back."""
        with self._something:
            self._sink = sink
            self._something.notify_all()

    def fail(self, fault: Unavailable) -> None:
        """No more frames will come."""
        with self._something:
            self._fault = self._fault or fault
            self._something.notify_all()

    def read(self) -> Picture | None:
        until = time.monotonic() + _WAIT
        with self._something:
            while (frame := self._newest()) is None:
                if self._fault is not None:
                    raise self._fault
                if time.monotonic() >= until:
                    raise NotYet
                self._something.wait(_POLL)
        return picture_of(frame.toImage())

    def _newest(self) -> QVideoFrame | None:
        """A frame that was not read yet."""
        frame = self._sink.videoFrame() if self._sink is not None and self._fault is None else None
        if frame is None or not frame.isValid() or frame == self._last:
            return None
        self._last = frame
        return frame

    def skip(self) -> None:
        """Never needed: the device sets the pace."""

    def close(self) -> None:
        self.closed = True
        self._shut(self)


def picture_of(image: QImage) -> Picture:
    """(H, W, 3) uint8 RGB of a QImage. Raises Unavailable for one that is empty."""
    if image.isNull():
        sentence = "The camera sends pictures in a format that cannot be shown."
        raise Unavailable(FeedState.UNREADABLE, sentence, "Choose another camera.")
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def _gone(name: str) -> Unavailable:
    return Unavailable(
        FeedState.LOST, f"'{name}' is no longer there.", "Plug it in and try again, or choose another."
    )


def _failed(name: str, text: str) -> Unavailable:
    reason = text.strip().rstrip(".") or "no reason given"
    advice = "Close other programs that use it, then try again."
    return Unavailable(FeedState.LOST, f"'{name}' reports a fault: {reason}.", advice)


class FeedViewer(QObject):
    """A viewer of a feed whose signals come in the window's thread. Show starts it, hide stops it."""

    frame = Signal(object)
    """The newest `Frame`; those in between are left out."""
    status = Signal(object)
    """The feed's `Status`, at the start and whenever it is another."""
    _woken = Signal()

    def __init__(self, feed: CameraFeed, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.feed = feed
        self._viewer: Viewer | None = None
        self._status: Status | None = None
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def running(self) -> bool:
        return self._viewer is not None

    def start(self) -> None:
        """Looks at the feed; does nothing while it does already."""
        if self._viewer is None:
            self._status = None
            viewer = self._viewer = self.feed.subscribe(self._woken.emit)
            self.destroyed.connect(viewer.close)
            self._woken.emit()

    def stop(self) -> None:
        """No signal comes after it."""
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None

    @Slot()
    def _deliver(self) -> None:
        if self._viewer is None:
            return
        frame = self._viewer.take()
        status = self.feed.status
        if status != self._status:
            self._status = status
            self.status.emit(status)
        if frame is not None and self._viewer is not None:
            self.frame.emit(frame)
