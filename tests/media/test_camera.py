"""The feed: real video files through OpenCV, and sources that misbehave."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from explorer.media.camera import CameraFeed, Frame, Viewer
from explorer.media.opencv import cv2
from explorer.media.pictures import Picture
from explorer.media.sources import (
    Device,
    FeedState,
    NotYet,
    PictureSequence,
    Source,
    StillPicture,
    Unavailable,
    VideoFile,
    source_for,
)


def write_video(
    path: Path, count: int = 12, size: tuple[int, int] = (64, 48), rate: float = 100, level: int = 20
) -> Path:
    """Pictures that grow brighter by 10 from `level`; (width, height); the ending chooses the codec."""
    code = "mp4v" if path.suffix == ".mp4" else "MJPG"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), rate, size)
    assert writer.isOpened()
    for number in range(count):
        picture = np.zeros((size[1], size[0], 3), np.uint8)
        picture[:, :, 2] = min(255, level + 10 * number) if level else 0  # red, as OpenCV orders channels
        writer.write(picture)
    writer.release()
    return path


class Looker:
    """Takes what a viewer gets, on the thread of the test."""

    def __init__(self, feed: CameraFeed) -> None:
        self.feed = feed
        self.woken = threading.Event()
        self.frames: list[Frame] = []
        self.states: list[FeedState] = []
        self.viewer: Viewer = feed.subscribe(self.woken.set)

    def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"it never happened: {self.feed.status}, {len(self.frames)}"
            self.woken.wait(0.05)
            self.look()

    def look(self) -> None:
        self.woken.clear()
        frame = self.viewer.take()
        if frame is not None:
            self.frames.append(frame)
        state = self.feed.status.state
        if not self.states or self.states[-1] is not state:
            self.states.append(state)

    def until_state(self, state: FeedState) -> None:
        self.until(lambda: self.feed.status.state is state)


@pytest.fixture
def feeds() -> Iterator[Callable[..., CameraFeed]]:
    """Makes feeds, and holds them to closing in bounded time with no thread left."""
    made: list[CameraFeed] = []

    def make(source: Source | None = None, loop: bool = True, patience: float = 4.0) -> CameraFeed:
        made.append(CameraFeed(source, loop=loop, patience=patience))
        return made[-1]

    yield make
    for feed in made:
        assert feed.close(10)
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith("camera")])


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.005)


Feeds = Callable[..., CameraFeed]


@pytest.mark.parametrize("name", ["film.avi", "film.mp4"])
def test_a_file_plays_in_rgb_to_its_end_and_again(tmp_path: Path, feeds: Feeds, name: str) -> None:
    feed = feeds(VideoFile(write_video(tmp_path / name)), loop=False)
    looker = Looker(feed)
    looker.until_state(FeedState.ENDED)
    assert "at its end" in feed.status.sentence
    assert feed.status.advice
    assert looker.frames
    last = looker.frames[-1].picture
    assert last.shape == (48, 64, 3)
    assert last.dtype == np.uint8
    red, green, blue = last.reshape(-1, 3).mean(axis=0)
    assert red > 60
    assert max(green, blue) < 20
    until(lambda: not feed.holding)
    before = len(looker.frames)
    feed.retry()
    looker.until(lambda: len(looker.frames) > before)
    looker.until_state(FeedState.ENDED)


def test_a_file_begins_again_and_frames_count_on(tmp_path: Path, feeds: Feeds) -> None:
    looker = Looker(feeds(VideoFile(write_video(tmp_path / "film.avi", count=5))))
    looker.until(lambda: bool(looker.frames) and looker.frames[-1].number > 20)
    numbers = [frame.number for frame in looker.frames]
    assert numbers == sorted(set(numbers))
    assert FeedState.ENDED not in looker.states


def test_a_file_plays_at_its_own_speed(tmp_path: Path, feeds: Feeds) -> None:
    """However fast it can be read, the n-th picture is not there before its time."""
    looker = Looker(feeds(VideoFile(write_video(tmp_path / "film.avi", count=20, rate=50)), loop=False))
    looker.until_state(FeedState.ENDED)
    first = looker.frames[0]
    for frame in looker.frames:
        assert frame.time - first.time >= (frame.number - first.number) / 50 - 0.002


def test_one_picture_in_a_loop_keeps_its_pace(tmp_path: Path, feeds: Feeds) -> None:
    looker = Looker(feeds(VideoFile(write_video(tmp_path / "film.avi", count=1, rate=50))))
    looker.until(lambda: bool(looker.frames) and looker.frames[-1].number >= 10)
    span = looker.frames[-1].time - looker.frames[0].time
    assert span >= (looker.frames[-1].number - looker.frames[0].number) / 50 - 0.002


def test_all_viewers_share_one_reader_and_the_last_gives_the_file_back(feeds: Feeds) -> None:
    source = Steady()
    feed = feeds(source)
    lookers = [Looker(feed) for _ in range(3)]
    for looker in lookers:
        looker.until(lambda looker=looker: len(looker.frames) >= 3)  # type: ignore[misc]
    assert source.opened == 1
    assert feed.viewers == 3
    lookers[0].viewer.close()
    lookers[1].viewer.close()
    before = len(lookers[2].frames)
    lookers[2].until(lambda: len(lookers[2].frames) > before + 2)
    assert feed.holding
    lookers[2].viewer.close()
    lookers[2].viewer.close()  # twice is harmless
    until(lambda: source.closed == 1)
    until(lambda: feed.status.state is FeedState.IDLE)
    assert not feed.holding
    again = Looker(feed)
    again.until(lambda: bool(again.frames))
    assert source.opened == 2


def test_a_viewer_that_comes_while_the_device_is_given_back_is_served(feeds: Feeds) -> None:
    source = Steady()
    feed = feeds(source)
    for _ in range(30):
        looker = Looker(feed)
        looker.until(lambda looker=looker: bool(looker.frames))  # type: ignore[misc]
        looker.viewer.close()
    assert source.most_at_once == 1


def test_a_device_goes_from_one_feed_to_another_without_being_opened_twice(feeds: Feeds) -> None:
    source = Steady()
    filters, faces = feeds(source), feeds(source)
    for _ in range(3):
        for feed in (filters, faces):  # one workspace is hidden, the other shown
            looker = Looker(feed)
            looker.until_state(FeedState.LIVE)
            looker.viewer.close()
    until(lambda: source.closed == source.opened)
    assert (source.opened, source.most_at_once) == (6, 1)


def test_the_newest_frame_wins_and_nothing_queues(feeds: Feeds) -> None:
    source = Steady(interval=0.001)
    feed = feeds(source)
    wakes: list[int] = []
    viewer = feed.subscribe(lambda: wakes.append(1))
    watcher = Looker(feed)
    watcher.until(lambda: bool(watcher.frames) and watcher.frames[-1].number > 50)
    assert len(wakes) == 1  # not again before it takes
    frame = viewer.take()
    assert frame is not None
    assert frame.number >= watcher.frames[-1].number
    watcher.frames.clear()
    assert source.alive() <= 4  # of more than fifty pictures
    with pytest.raises(ValueError, match="read-only"):
        frame.picture[0, 0] = 0


def test_a_receiver_that_fails_is_closed_and_the_others_go_on(
    feeds: Feeds, caplog: pytest.LogCaptureFixture
) -> None:
    feed = feeds(Steady())
    feed.subscribe(lambda: 1 / 0)
    looker = Looker(feed)
    looker.until(lambda: len(looker.frames) > 3)
    assert feed.viewers == 1
    assert "ZeroDivisionError" in caplog.text


def test_a_truncated_file_plays_and_then_says_that_it_breaks_off(tmp_path: Path, feeds: Feeds) -> None:
    whole = write_video(tmp_path / "whole.avi", count=60).read_bytes()
    (tmp_path / "half.avi").write_bytes(whole[: len(whole) // 2])
    feed = feeds(VideoFile(tmp_path / "half.avi"))
    looker = Looker(feed)
    looker.until_state(FeedState.LOST)
    assert looker.frames
    assert "breaks off after" in feed.status.sentence
    assert "of 60 pictures" in feed.status.sentence


@pytest.mark.parametrize("name", ["film.mp4", "film.avi"])
def test_files_that_are_none(tmp_path: Path, feeds: Feeds, name: str) -> None:
    whole = write_video(tmp_path / name).read_bytes()
    for content in (whole[:200], b"", b"no video" * 100, whole[:-300] if name.endswith("mp4") else b"RIFF"):
        path = tmp_path / f"broken-{name}"
        path.write_bytes(content)
        looker = Looker(feed := feeds(VideoFile(path)))
        looker.until_state(FeedState.UNREADABLE)
        assert path.name in feed.status.sentence
        assert feed.status.advice


def test_what_is_not_there(tmp_path: Path, feeds: Feeds) -> None:
    for source in (
        VideoFile(tmp_path / "none.avi"),
        VideoFile(tmp_path),
        VideoFile(Path("http://127.0.0.1:9/film.mp4")),
        StillPicture(tmp_path / "none.png"),
        PictureSequence(tmp_path / "none_%04d.jpg"),
        PictureSequence(tmp_path / "missing" / "none_%04d.jpg"),
        PictureSequence(tmp_path / "nonumber.jpg"),
    ):
        looker = Looker(feed := feeds(source))
        looker.until_state(FeedState.UNREADABLE)
        assert feed.status.advice


def test_no_camera_has_a_state_and_a_file_is_the_way_on(tmp_path: Path, feeds: Feeds) -> None:
    feed = feeds(Device(63))
    looker = Looker(feed)
    looker.until_state(FeedState.NONE)
    assert "63" in feed.status.sentence
    assert "video" in feed.status.advice
    feed.retry()
    looker.until_state(FeedState.NONE)
    feed.choose(VideoFile(write_video(tmp_path / "film.avi")))
    looker.until(lambda: bool(looker.frames))
    assert feed.status.state is FeedState.LIVE


def test_nothing_chosen(feeds: Feeds) -> None:
    feed = feeds(None)
    looker = Looker(feed)
    assert feed.status.state is FeedState.NONE
    feed.choose(Steady())
    looker.until(lambda: bool(looker.frames))
    feed.choose(None)
    looker.until_state(FeedState.NONE)
    until(lambda: not feed.holding)


def test_a_black_file_is_said_to_be_black(tmp_path: Path, feeds: Feeds) -> None:
    looker = Looker(feeds(VideoFile(write_video(tmp_path / "night.avi", level=0, rate=30))))
    looker.until_state(FeedState.BLACK)
    assert "cover" not in looker.feed.status.advice, "a file has no cover"
    before = looker.frames[-1].number
    looker.until(lambda: looker.frames[-1].number > before)  # they come all the same


def test_black_ends_with_the_first_picture_that_shows_something(feeds: Feeds) -> None:
    source = Steady(level=0)
    looker = Looker(feeds(source))
    looker.until_state(FeedState.BLACK)
    source.level = 90
    looker.until_state(FeedState.LIVE)


def test_a_sequence_with_a_gap_and_changing_sizes(tmp_path: Path, feeds: Feeds) -> None:
    sizes = {3: (40, 60), 4: (80, 60), 7: (10, 1000)}
    for number, (height, width) in sizes.items():
        picture = np.full((height, width, 3), 30 * number, np.uint8)
        assert cv2.imwrite(str(tmp_path / f"name_{number:04d}.jpg"), picture)
    (tmp_path / "name_0005.jpg.part").write_bytes(b"")
    looker = Looker(feeds(PictureSequence(tmp_path / "name_%04d.jpg", rate=10), loop=False))
    looker.until_state(FeedState.ENDED)
    assert [frame.picture.shape[:2] for frame in looker.frames] == list(sizes.values())


def test_a_damaged_picture_in_a_sequence_is_named(tmp_path: Path, feeds: Feeds) -> None:
    assert cv2.imwrite(str(tmp_path / "a1.png"), np.full((20, 20, 3), 99, np.uint8))
    (tmp_path / "a2.png").write_bytes(b"\x89PNG nothing")
    looker = Looker(feed := feeds(PictureSequence(tmp_path / "a%d.png")))
    looker.until_state(FeedState.UNREADABLE)
    assert "a2.png" in feed.status.sentence


def test_one_picture_stands_in_for_a_camera(tmp_path: Path, feeds: Feeds) -> None:
    picture = np.full((20, 30, 3), (10, 20, 200), np.uint8)
    assert cv2.imwrite(str(tmp_path / "face.png"), picture)
    looker = Looker(feeds(source_for(tmp_path / "face.png"), loop=False))
    looker.until(lambda: len(looker.frames) >= 3)
    assert looker.frames[0].picture[0, 0].tolist() == [200, 20, 10]


def test_full_hd(tmp_path: Path, feeds: Feeds) -> None:
    path = write_video(tmp_path / "hd.avi", count=4, size=(1920, 1080), rate=30)
    looker = Looker(feeds(VideoFile(path)))
    looker.until(lambda: len(looker.frames) >= 6)
    assert {frame.picture.shape for frame in looker.frames} == {(1080, 1920, 3)}


def test_a_late_reader_leaves_pictures_out(tmp_path: Path, feeds: Feeds) -> None:
    """A receiver that holds the reader up does not slow the film down."""
    feed = feeds(VideoFile(write_video(tmp_path / "film.avi", count=60, rate=100)), loop=False)
    feed.subscribe(lambda: time.sleep(0.08)).take()
    looker = Looker(feed)
    looker.until(lambda: feed.status.state is FeedState.ENDED)
    assert looker.frames[-1].number < 60


def test_a_source_that_stops_midway_and_comes_back_by_retry(feeds: Feeds) -> None:
    source = Steady(lasts=5)
    feed = feeds(source)
    looker = Looker(feed)
    looker.until_state(FeedState.LOST)
    assert feed.status.sentence == "The cable is out."
    assert source.closed == 1
    source.lasts = None
    feed.retry()
    looker.until_state(FeedState.LIVE)


def test_a_source_that_raises_anything(feeds: Feeds) -> None:
    class Faulty(Steady):
        def read(self) -> Picture | None:
            raise OSError("the bus is gone\nwith a second line")

    looker = Looker(feed := feeds(source := Faulty()))
    looker.until_state(FeedState.LOST)
    assert "the bus is gone" in feed.status.sentence
    assert "\n" not in feed.status.sentence
    assert source.closed == 1


@pytest.mark.parametrize(
    "odd", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)]
)
def test_pictures_in_odd_formats_are_refused(feeds: Feeds, odd: Picture) -> None:
    class Odd(Steady):
        def read(self) -> Picture | None:
            return odd

    Looker(feed := feeds(Odd())).until_state(FeedState.UNREADABLE)
    assert "format" in feed.status.sentence


def test_a_source_without_pictures_ends_and_is_not_opened_on_and_on(feeds: Feeds) -> None:
    class Empty(Steady):
        def read(self) -> Picture | None:
            return None

    Looker(feeds(source := Empty())).until_state(FeedState.ENDED)
    assert source.opened == 1


def test_a_refused_permission(feeds: Feeds) -> None:
    class Refused(Steady):
        def open(self) -> Steady:
            raise Unavailable(FeedState.DENIED, "No.", "Allow it.")

    Looker(feed := feeds(Refused())).until_state(FeedState.DENIED)
    assert (feed.status.sentence, feed.status.advice) == ("No.", "Allow it.")


def test_a_source_that_hangs_is_noticed_retried_and_left_behind(feeds: Feeds) -> None:
    source = Steady(hangs_after=3)
    feed = feeds(source, patience=0.2)
    looker = Looker(feed)
    looker.until_state(FeedState.LOST)
    assert "does not answer" in feed.status.sentence
    source.hangs_after = None
    feed.retry()  # while the first opening still hangs
    looker.until_state(FeedState.LIVE)
    assert (source.opened, source.closed) == (2, 0)
    source.go_on.set()
    until(lambda: source.closed == 1)  # the left one gives its device back as soon as it can
    before = len(looker.frames)
    looker.until(lambda: len(looker.frames) > before + 3)


def test_a_source_that_hangs_comes_back_by_itself(feeds: Feeds) -> None:
    source = Steady(hangs_after=3)
    looker = Looker(feeds(source, patience=0.1))
    looker.until_state(FeedState.LOST)
    source.hangs_after = None
    source.go_on.set()
    looker.until_state(FeedState.LIVE)
    assert source.opened == 1


def test_closing_does_not_wait_for_a_source_that_hangs() -> None:
    source = Steady(hangs_after=1)
    feed = CameraFeed(source, patience=0.1)
    looker = Looker(feed)
    looker.until_state(FeedState.LOST)
    assert not feed.close(0.05)
    assert all(t.daemon for t in threading.enumerate() if t.name == "camera")
    with pytest.raises(RuntimeError, match="closed"):
        feed.subscribe(lambda: None)
    source.go_on.set()
    until(lambda: not feed.holding)
    assert source.closed == 1
    assert feed.close(5)


def test_a_slow_source_says_not_yet(feeds: Feeds) -> None:
    class Slow(Steady):
        calls = 0

        def read(self) -> Picture | None:
            self.calls += 1
            if self.calls % 3:
                raise NotYet
            return super().read()

    looker = Looker(feeds(Slow()))
    looker.until(lambda: len(looker.frames) > 3)


def test_what_a_person_names() -> None:
    assert source_for("0") == Device(0)
    assert source_for(2) == Device(2)
    assert source_for("/dev/video1") == Device("/dev/video1")
    assert source_for("a/b_%04d.jpg") == PictureSequence(Path("a/b_%04d.jpg"))
    assert source_for("a/b.JPG") == StillPicture(Path("a/b.JPG"))
    assert source_for("a/b.gif") == VideoFile(Path("a/b.gif"))
    assert source_for("film.mp4") == VideoFile(Path("film.mp4"))
    assert isinstance(source_for("film.mp4"), VideoFile)


def test_settle_waits_until_the_source_is_given_back() -> None:
    source = Steady(hangs_after=3)
    feed = CameraFeed(source)
    viewer = feed.subscribe(lambda: None)
    until(lambda: source.count > 3)  # it is within read() now
    viewer.close()
    assert not feed.settle(0.05)
    source.go_on.set()
    assert feed.settle(5)
    assert not feed.holding
    again = feed.subscribe(lambda: None)  # unlike close(), it can be looked at again
    assert feed.settle(0.05)  # nothing to wait for: somebody looks
    again.close()
    assert feed.close(5)


class Steady:
    """A source and its own stream: grey pictures until it is told to misbehave."""

    exclusive = True
    name = "Steady"

    def __init__(
        self,
        interval: float | None = 0.005,
        level: int = 90,
        lasts: int | None = None,
        hangs_after: int | None = None,
    ) -> None:
        self.interval = interval
        self.level, self.lasts, self.hangs_after = level, lasts, hangs_after
        self.go_on = threading.Event()
        self.opened = self.closed = self.most_at_once = 0
        self.count = 0
        self._made: list[weakref.ref[Picture]] = []

    def open(self) -> Steady:
        self.opened += 1
        self.most_at_once = max(self.most_at_once, self.opened - self.closed)
        self.count = 0
        return self

    def read(self) -> Picture | None:
        self.count += 1
        if self.lasts is not None and self.count > self.lasts:
            raise Unavailable(FeedState.LOST, "The cable is out.", "Plug it in.")
        if self.hangs_after is not None and self.count > self.hangs_after:
            assert self.go_on.wait(30)
        picture = np.full((24, 32, 3), self.level, np.uint8)
        self._made.append(weakref.ref(picture))
        return picture

    def skip(self) -> None:
        pass

    def close(self) -> None:
        self.closed += 1

    def alive(self) -> int:
        return sum(made() is not None for made in self._made)
