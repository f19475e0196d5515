"""The feed in a window: Qt's own video sink as the camera, signals in the window's thread, names."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEventLoop, QObject, Qt, QThread, QUrl
from PySide6.QtGui import QImage

from explorer.media.camera import CameraFeed, Frame
from explorer.media.camera_status import Status
from explorer.media.qt_camera import Cameras, FeedViewer, QtDevice, SinkStream, multimedia, picture_of
from explorer.media.sources import FeedState, Stream, Unavailable, VideoFile
from explorer.network.errors import UserError
from tests.media.test_camera import Steady, write_video

pytestmark = [
    pytest.mark.usefixtures("qapp"),
    pytest.mark.allows(
        "Qt Multimedia",
        "Couldn't (load|resolve)",
        "PipeWire",
        "pipewire",
        "pulse",
        "FFmpeg",
        "No RHI backend",
    ),
]


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Runs the event loop until the condition holds; fails if it never does."""
    deadline = QDeadlineTimer(int(seconds * 1000))
    while not condition():
        assert not deadline.hasExpired(), "it never happened"
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)


@pytest.fixture
def feed() -> Iterator[CameraFeed]:
    feed = CameraFeed()
    yield feed
    assert feed.close(10)


@pytest.fixture
def cameras(qapp: Any) -> Iterator[Cameras]:
    cameras = Cameras()
    yield cameras
    cameras.close()


def image(width: int = 37, height: int = 21, red: int = 200) -> QImage:
    """Its lines do not fill whole words, as real ones may not."""
    picture = QImage(width, height, QImage.Format.Format_RGB888)
    picture.fill(red << 16 | 40 << 8 | 10)
    return picture


def test_frames_and_states_come_in_the_windows_thread(feed: CameraFeed, tmp_path: Path) -> None:
    feed.choose(VideoFile(write_video(tmp_path / "film.avi", rate=50)), loop=False)
    viewer = FeedViewer(feed)
    frames: list[Frame] = []
    states: list[FeedState] = []
    threads: set[QThread] = set()

    def take(frame: Frame) -> None:
        threads.add(QThread.currentThread())
        frames.append(frame)

    def note(status: Status) -> None:
        threads.add(QThread.currentThread())
        states.append(status.state)

    viewer.frame.connect(take)
    viewer.status.connect(note)
    viewer.start()
    viewer.start()
    assert feed.viewers == 1
    until(lambda: FeedState.ENDED in states)
    assert frames
    assert threads == {QCoreApplication.instance().thread()}  # type: ignore[union-attr]
    viewer.stop()
    until(lambda: feed.viewers == 0)
    before = len(frames)
    feed.retry()
    QCoreApplication.processEvents()
    assert len(frames) == before


def test_a_slow_window_gets_the_newest_frame(feed: CameraFeed) -> None:
    source = Steady(interval=0.002)
    feed.choose(source)
    viewer = FeedViewer(feed)
    numbers: list[int] = []
    viewer.frame.connect(lambda frame: numbers.append(frame.number))
    viewer.start()
    until(lambda: len(numbers) >= 2)
    before, busy_until = len(numbers), source.count + 20
    while source.count < busy_until:  # the window is busy
        QThread.msleep(5)
    until(lambda: len(numbers) > before)
    assert numbers[before] - numbers[before - 1] > 15  # nothing queued


def test_a_widget_that_is_destroyed_no_longer_looks(feed: CameraFeed) -> None:
    feed.choose(Steady())
    parent = QObject()
    viewer = FeedViewer(feed, parent)
    viewer.start()
    until(lambda: feed.status.state is FeedState.LIVE)
    del viewer
    shiboken6.delete(parent)
    until(lambda: feed.viewers == 0)
    until(lambda: not feed.holding)


class SinkSource:
    """A camera whose pictures a QVideoFrameInput puts into a QVideoSink, as a capture session does."""

    exclusive = True
    name = "Sink"

    def __init__(self) -> None:
        media = multimedia()
        self.session = media.QMediaCaptureSession()
        self.input = media.QVideoFrameInput()
        self.sink = media.QVideoSink()
        self.session.setVideoFrameInput(self.input)
        self.session.setVideoSink(self.sink)
        self.shut: list[SinkStream] = []
        self.streams: list[SinkStream] = []

    def open(self) -> Stream:
        stream = SinkStream(self.name, b"", self.shut.append)
        stream.watch(self.sink)
        self.streams.append(stream)
        return stream

    def send(self, picture: QImage) -> None:
        self.input.sendVideoFrame(multimedia().QVideoFrame(picture))


def test_qt_s_frames_arrive_as_rgb(feed: CameraFeed) -> None:
    source = SinkSource()
    feed.choose(source)
    viewer = FeedViewer(feed)
    frames: list[Frame] = []
    viewer.frame.connect(frames.append)
    viewer.start()
    until(lambda: bool(source.streams))

    def arrives() -> bool:
        source.send(image(64, 48))
        return len(frames) >= 3

    until(arrives)
    assert frames[-1].picture.shape == (48, 64, 3)
    assert np.abs(frames[-1].picture[0, 0].astype(int) - (200, 40, 10)).max() <= 3
    source.streams[0].fail(Unavailable(FeedState.LOST, "It was unplugged.", "Plug it in."))
    until(lambda: feed.status.state is FeedState.LOST)
    assert source.shut == source.streams
    viewer.stop()


def test_frames_that_qt_brings_on_a_thread_of_its_own_never_hold_the_window(tmp_path: Path) -> None:
    """A player, like a camera, fills its sink from a thread that is not Python's; `stop()` waits for it."""
    media = multimedia()
    film = QUrl.fromLocalFile(str(write_video(tmp_path / "film.avi", rate=50)))
    for _ in range(5):
        player, sink = media.QMediaPlayer(), media.QVideoSink()
        player.setVideoSink(sink)
        player.setLoops(media.QMediaPlayer.Loops.Infinite)
        stream = SinkStream("Player", b"", lambda stream: None)
        stream.watch(sink)
        feed = CameraFeed(_Opened(stream))
        pictures: list[Frame] = []
        viewer = FeedViewer(feed)
        viewer.frame.connect(pictures.append)
        viewer.start()
        player.setSource(film)
        player.play()
        until(lambda shown=pictures: len(shown) >= 5)  # type: ignore[misc]
        stream.watch(None)
        player.stop()
        assert pictures[0].picture.shape == (48, 64, 3)
        viewer.stop()
        assert feed.close(10)
        for part in (player, sink):
            part.deleteLater()
        QCoreApplication.processEvents()


class _Opened:
    name = "Player"
    exclusive = False

    def __init__(self, stream: SinkStream) -> None:
        self._stream = stream

    def open(self) -> Stream:
        return self._stream


def test_lines_with_padding() -> None:
    picture = picture_of(image())
    assert picture.shape == (21, 37, 3)
    assert (picture == (200, 40, 10)).all()
    with pytest.raises(Unavailable):
        picture_of(QImage())


def test_a_camera_that_was_unplugged_says_so(feed: CameraFeed, cameras: Cameras) -> None:
    feed.choose(QtDevice("Front camera", b"not plugged in", cameras))
    viewer = FeedViewer(feed)
    statuses: list[Status] = []
    viewer.status.connect(statuses.append)
    viewer.start()
    until(lambda: feed.status.state is FeedState.LOST)
    assert "Front camera" in feed.status.sentence
    assert feed.status.advice
    viewer.stop()


def test_a_refused_permission(feed: CameraFeed, cameras: Cameras) -> None:
    stream = QtDevice("Front camera", b"x", cameras).open()
    assert isinstance(stream, SinkStream)
    cameras._allowed(stream, Qt.PermissionStatus.Denied)
    with pytest.raises(Unavailable) as refused:
        stream.read()
    assert refused.value.state is FeedState.DENIED
    assert "settings" in refused.value.advice
    stream.close()
    until(lambda: not cameras._running)


def test_the_cameras_of_this_machine_have_names(cameras: Cameras) -> None:
    names = [source.name for source in cameras.sources()]
    assert len(names) == len(set(names))
    assert all(names)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "PySide6":
            raise ImportError("libpulse.so.0: cannot open shared object file: No such file or directory")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UserError, match=r"libpulse\.so\.0.*libpulse0"):
        Cameras()
