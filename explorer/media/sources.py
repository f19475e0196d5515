"""What can stand before a CameraFeed: a camera by its number, a video file, numbered pictures, one picture.

A `Source` says where pictures come from and holds nothing; `open()` gives a `Stream`, which holds the device
or the file until it is closed. Pictures are uint8 (H, W, 3) RGB. What cannot be opened or read says so by
raising `Unavailable`, in words that can be shown.
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Protocol

from explorer.media.opencv import as_picture, cv2
from explorer.media.pictures import PIXEL_LIMIT, SUFFIXES, Picture, read_picture
from explorer.network.errors import UserError

STILL_INTERVAL = 0.1
"""Seconds after which a still picture is delivered again."""
SEQUENCE_RATE = 25.0
"""Pictures a second of a numbered sequence, which does not know its own speed."""
_TRIES = 3  # a camera may miss a picture while it changes its exposure
_COUNTED = (".avi", ".mp4", ".mov", ".m4v")  # files whose header counts the pictures; others only guess
_NUMBER = re.compile(r"%0?(\d*)d")

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # our one sentence says it
if sys.platform == "darwin":
    # OpenCV cannot ask for the camera off the main thread; Qt has asked before a device is opened.
    os.environ.setdefault("OPENCV_AVFOUNDATION_SKIP_AUTH", "1")


class FeedState(StrEnum):
    """What a feed is doing. IDLE: nobody looks, so nothing is open."""

    IDLE = "idle"
    OPENING = "opening"
    LIVE = "live"
    BLACK = "black"
    ENDED = "ended"
    LOST = "lost"
    DENIED = "denied"
    NONE = "none"
    UNREADABLE = "unreadable"

    @property
    def running(self) -> bool:
        """Whether pictures come, be they black."""
        return self in (FeedState.LIVE, FeedState.BLACK)

    @property
    def stopped(self) -> bool:
        """Whether nothing comes until somebody tries again or chooses another source."""
        return self not in (FeedState.IDLE, FeedState.OPENING, FeedState.LIVE, FeedState.BLACK)


class Unavailable(UserError):
    """There are no pictures, or no more: which state that is, what happened, and what to do."""

    def __init__(self, state: FeedState, sentence: str, advice: str) -> None:
        self.state, self.sentence, self.advice = state, sentence, advice
        super().__init__(f"{sentence} {advice}")


class NotYet(Exception):
    """`Stream.read` waited for about a second and no picture came: it wants to be asked again."""


class Stream(Protocol):
    """An opened source. Only one thread uses it."""

    interval: float | None
    """Seconds from one picture to the next; None where the device sets the pace."""

    def read(self) -> Picture | None:
        """The next picture (H, W, 3), None at the end of a file. Raises NotYet; Unavailable for a fault."""

    def skip(self) -> None:
        """Leaves one picture out, for a reader that is late; may do nothing."""

    def close(self) -> None:
        """Gives the device or the file back."""


class Source(Protocol):
    """Where pictures come from."""

    @property
    def name(self) -> str:
        """What a person calls it."""

    @property
    def exclusive(self) -> bool:
        """Whether only one can have it open: a device. Equal sources are then the same device."""

    def open(self) -> Stream:
        """Takes the device or the file. Raises Unavailable."""


@dataclass(frozen=True)
class Device:
    """A camera by its number, or on Linux by its path: `/dev/video0`."""

    exclusive: ClassVar[bool] = True

    device: int | str = 0
    title: str = ""

    @property
    def name(self) -> str:
        return self.title or (f"Camera {self.device}" if isinstance(self.device, int) else self.device)

    def open(self) -> Stream:
        self._look_first()
        capture = cv2.VideoCapture(self.device, _backend())
        if not capture.isOpened():
            capture.release()
            raise self._refused()
        return _DeviceStream(capture, self.name)

    def _look_first(self) -> None:
        """On Linux the file system tells a missing camera from a forbidden one."""
        if sys.platform != "linux":
            return
        path = f"/dev/video{self.device}" if isinstance(self.device, int) else self.device
        if not Path(path).exists():
            raise Unavailable(FeedState.NONE, f"There is no camera '{self.name}'.", _CONNECT)
        if not os.access(path, os.R_OK | os.W_OK):
            raise Unavailable(
                FeedState.DENIED, f"This account may not use '{self.name}'.",
                f"Add it to the group that owns {path} (often 'video'), log in again, then try again.",
            )  # fmt: skip

    def _refused(self) -> Unavailable:
        if sys.platform == "linux":
            sentence = f"'{self.name}' is there, but it could not be opened."
            return Unavailable(FeedState.LOST, sentence, "Close other programs that use it, then try again.")
        advice = "Connect one, allow access to it in the system's privacy settings, or close other programs"
        return Unavailable(
            FeedState.NONE, f"No camera answers as '{self.name}'.", f"{advice} that use it; then try again."
        )


_CONNECT = "Connect one and try again, or open a video or a picture in its place."


def _backend() -> int:
    """The system's own; the others only print what they miss."""
    if sys.platform == "linux":
        return cv2.CAP_V4L2
    return cv2.CAP_AVFOUNDATION if sys.platform == "darwin" else cv2.CAP_MSMF


class _DeviceStream:
    interval: float | None = None

    def __init__(self, capture: cv2.VideoCapture, name: str) -> None:
        self._capture, self._name = capture, name

    def read(self) -> Picture | None:
        for _ in range(_TRIES):
            ok, picture = self._capture.read()
            if ok and picture is not None:
                return from_opencv(picture)
        raise Unavailable(
            FeedState.LOST, f"'{self._name}' has stopped sending pictures.",
            "Check the cable and close other programs that use it, then try again.",
        )  # fmt: skip

    def skip(self) -> None:
        """Never needed: the device sets the pace."""

    def close(self) -> None:
        self._capture.release()


@dataclass(frozen=True)
class VideoFile:
    """A video at its own speed: .avi, .mp4 and what else FFmpeg reads."""

    exclusive: ClassVar[bool] = False

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def open(self) -> Stream:
        _check_file(self.path)
        capture = cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            capture.release()
            raise _unreadable(
                f"'{self.name}' is not a video that can be read; it may be damaged or incomplete.",
                "Choose another, or convert it to .mp4.",
            )
        if capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT) > PIXEL_LIMIT:
            capture.release()
            raise _unreadable(f"The pictures of '{self.name}' are too large.", "Make the video smaller.")
        return _VideoStream(capture, self.path)


class _VideoStream:
    def __init__(self, capture: cv2.VideoCapture, path: Path) -> None:
        self._capture, self._path = capture, path
        rate = capture.get(cv2.CAP_PROP_FPS)
        self.interval: float | None = 1 / (rate if 0.1 <= rate <= 240 else SEQUENCE_RATE)
        counted = path.suffix.lower() in _COUNTED
        self._promised = capture.get(cv2.CAP_PROP_FRAME_COUNT) if counted else 0.0
        self._count = 0

    def read(self) -> Picture | None:
        ok, picture = self._capture.read()
        if ok and picture is not None:
            self._count += 1
            return from_opencv(picture)
        if self._count == 0:
            raise _unreadable(f"No picture of '{self._path.name}' can be read.", "Choose another video.")
        if self._count < 0.9 * self._promised - 1:
            raise Unavailable(
                FeedState.LOST,
                f"'{self._path.name}' breaks off after {self._count} of {self._promised:.0f} pictures.",
                "The file is damaged or incomplete: copy it again, or choose another.",
            )
        return None

    def skip(self) -> None:
        self._count += bool(self._capture.grab())

    def close(self) -> None:
        self._capture.release()


@dataclass(frozen=True)
class PictureSequence:
    """Numbered pictures, by a pattern as printf has it: `name_%04d.jpg`, in the order of their numbers."""

    exclusive: ClassVar[bool] = False

    pattern: Path
    rate: float = SEQUENCE_RATE

    @property
    def name(self) -> str:
        return self.pattern.name

    def open(self) -> Stream:
        """The files are listed now and read one by one."""
        found = _NUMBER.search(self.pattern.name)
        if found is None:
            raise _unreadable(f"'{self.name}' has no number in it.", "Write it as name_%04d.jpg.")
        before, after = self.pattern.name[: found.start()], self.pattern.name[found.end() :]
        folder = self.pattern.parent
        digits = rf"(\d{{{found[1]},}})" if found[1] else r"(\d+)"
        numbered = re.compile(re.escape(before) + digits + re.escape(after))
        try:
            entries = os.listdir(folder)
        except OSError as error:
            raise _unreadable(f"'{folder}' cannot be read: {error.strerror}.", "Check the name.") from None
        names = [match for entry in entries if (match := numbered.fullmatch(entry))]
        if not names:
            raise _unreadable(f"No file is named like '{self.pattern}'.", "Check the folder and the numbers.")
        names.sort(key=lambda match: int(match[1]))
        return _SequenceStream([folder / match[0] for match in names], 1 / self.rate)


class _SequenceStream:
    def __init__(self, files: list[Path], interval: float) -> None:
        self.interval: float | None = interval
        self._files = iter(files)

    def read(self) -> Picture | None:
        file = next(self._files, None)
        return None if file is None else _readable(file)

    def skip(self) -> None:
        next(self._files, None)

    def close(self) -> None:
        self._files = iter(())


@dataclass(frozen=True)
class StillPicture:
    """One picture, delivered again and again as if a camera stood before it."""

    exclusive: ClassVar[bool] = False

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    def open(self) -> Stream:
        return _StillStream(_readable(self.path))


class _StillStream:
    def __init__(self, picture: Picture) -> None:
        self.interval: float | None = STILL_INTERVAL
        self._picture = picture

    def read(self) -> Picture | None:
        return self._picture

    def skip(self) -> None:
        """All are the same."""

    def close(self) -> None:
        """Nothing is held."""


def source_for(name: int | str | Path) -> Source:
    """The source that a person means by a camera's number, a device's path, a file or a pattern.

    Nothing is opened: what is wrong with it shows when a feed opens it.
    """
    text = str(name)
    if isinstance(name, int) or text.isdecimal():
        return Device(int(text))
    if text.startswith("/dev/"):
        return Device(text)
    path = Path(text).expanduser()
    if _NUMBER.search(path.name) and not path.exists():
        return PictureSequence(path)
    if path.suffix.lower() in SUFFIXES and path.suffix.lower() != ".gif":  # those move
        return StillPicture(path)
    return VideoFile(path)


def from_opencv(picture: object) -> Picture:
    """As OpenCV delivers it (BGR, BGRA, grey or YUYV, of 8 or 16 bits) to (H, W, 3) uint8 RGB.

    Raises Unavailable for anything else.
    """
    shape: tuple[int, ...] = getattr(picture, "shape", ())
    channels = shape[2] if len(shape) == 3 else 1
    kind = str(getattr(picture, "dtype", type(picture).__name__))
    if len(shape) not in (2, 3) or 0 in shape or kind not in ("uint8", "uint16") or channels not in _TO_RGB:
        raise _unreadable(
            f"The pictures have an unusual format ({kind}, {'×'.join(map(str, shape)) or 'no'} values).",
            "Choose another camera or another video.",
        )
    if kind == "uint16":
        picture = picture >> 8  # type: ignore[operator]
    return as_picture(cv2.cvtColor(picture.astype("uint8", copy=False), _TO_RGB[channels]))  # type: ignore


_TO_RGB = {
    1: cv2.COLOR_GRAY2RGB,
    2: cv2.COLOR_YUV2RGB_YUY2,
    3: cv2.COLOR_BGR2RGB,
    4: cv2.COLOR_BGRA2RGB,
}


def _check_file(path: Path) -> None:
    """Only files that are here: FFmpeg would also take addresses."""
    if not path.exists():
        raise _unreadable(f"There is no file '{path}'.", "Check the name, or choose another.")
    if not path.is_file():
        raise _unreadable(f"'{path}' is not a file.", "Choose a video, a picture or a pattern in it.")
    if not os.access(path, os.R_OK):
        raise _unreadable(f"'{path}' may not be read.", "Change its permissions, or choose another.")


def _readable(path: Path) -> Picture:
    try:
        return read_picture(path)
    except UserError as error:
        text = str(error)
        sentence = f"{text[0].upper()}{text[1:]}"
        raise _unreadable(sentence.split(";")[0] + ".", "Choose another picture.") from None


def _unreadable(sentence: str, advice: str) -> Unavailable:
    return Unavailable(FeedState.UNREADABLE, sentence, advice)
