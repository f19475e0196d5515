"""What a feed of pictures says of itself, and what a person can do about it."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.media.sources import Device, FeedState, Source


@dataclass(frozen=True)
class Status:
    """What the feed is doing, in one sentence, and what a person can do about it (empty if nothing)."""

    state: FeedState
    sentence: str
    advice: str = ""


IDLE = Status(FeedState.IDLE, "The camera is off.")
UNCHOSEN = Status(
    FeedState.NONE, "No camera is chosen.", "Connect a camera, or open a video or a picture in its place."
)


def live(name: str) -> Status:
    """Pictures come from `name`."""
    return Status(FeedState.LIVE, f"{name} is live.")


def black(source: Source) -> Status:
    """Pictures come, and nothing is to be seen on them."""
    advice = (
        "Open its cover, switch on a light, and close other programs that use it."
        if isinstance(source, Device)
        else "Wait until there is something to see, or choose another source."
    )
    return Status(FeedState.BLACK, f"{source.name} shows nothing but black.", advice)


def hanging(name: str) -> Status:
    """No picture comes from `name` any more."""
    advice = "Check the cable and close other programs that use it, then try again."
    return Status(FeedState.LOST, f"{name} does not answer.", advice)
