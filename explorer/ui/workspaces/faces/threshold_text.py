"""Shares and distances in words, as the tabs about thresholds write them."""

from __future__ import annotations

from math import floor, isnan, log10

from explorer.faces.evaluation import Interval
from explorer.faces.face_set import FaceSet

MISSING_NAMED = 4


def percent(share: float) -> str:
    """ "0.03 %", "1.5 %", "99.97 %", "100 %": two figures that count, none invented."""
    return "–" if isnan(share) else f"{share * 100:.{_digits(share)}f} %"


def _digits(share: float) -> int:
    """Behind the point: more the nearer to 0 or 1 a share is, but none for these themselves."""
    edge = min(share, 1 - share) * 100
    if edge < 5e-6:
        return 0
    return 1 if edge >= 1 else min(3 if share < 0.5 else 2, 1 - floor(log10(edge)))


def between(interval: Interval) -> str:
    """ "0.00–0.11", the interval alone in per cent, as exact as the value."""
    digits = _digits(interval.value) or min(_digits(interval.low) or 3, _digits(interval.high) or 3)
    low, high = (
        f"{end * 100:.{digits}f}" if 0 < end < 1 else f"{end * 100:.0f}"
        for end in (interval.low, interval.high)
    )
    return f"{low}–{high}"


def cosine(distance: float) -> float:
    """Of unit embeddings at a squared L2 distance."""
    return 1 - distance / 2


def summary(faces: FaceSet) -> str:
    """What a set holds, in one line."""
    near = int(faces.same.sum())
    far = len(faces.same) - near
    people = f"{faces.people_count:,} people, " if faces.people_count is not None else ""
    return f"{people}{len(faces.names):,} pictures: {near:,} pairs of one person, {far:,} of two"


def missing(faces: FaceSet) -> str:
    """Which pictures are not compared and why, or ""."""
    parts = list(faces.notes)
    faceless = [one.name for one in faces.missing if one.readable]
    unreadable = [one.name for one in faces.missing if not one.readable]
    if faceless:
        lost = int((~(faces.found[faces.a] & faces.found[faces.b]) & faces.same).sum())
        parts.append(
            f"No face found in {_listed(faceless)}: {lost:,} pairs of one person count as turned away"
        )
    if unreadable:
        parts.append(f"No picture, left out: {_listed(unreadable)}")
    return ". ".join(parts) + "." if parts else ""


def _listed(names: list[str]) -> str:
    shown = "; ".join(names[:MISSING_NAMED])
    more = len(names) - MISSING_NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown
