"""The coach of enrolment: five things that make a good picture, ticked off live; and words of warning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from explorer.faces.decision import distance, identify
from explorer.faces.pipeline import Reading
from explorer.faces.quality import Hint
from explorer.ui.widgets.labels import Label
from explorer.ui.workspaces.faces.model import FacesModel
from explorer.ui.workspaces.faces.side_parts import Sign

CHECKS: tuple[tuple[str, tuple[Hint, ...]], ...] = (
    ("one face", (Hint.NONE, Hint.SEVERAL)),
    ("frontal", (Hint.TURNED, Hint.NODDED, Hint.TILTED)),
    ("sharp", (Hint.BLURRED,)),
    ("well lit", (Hint.DARK, Hint.BRIGHT, Hint.FLAT)),
    ("near", (Hint.SMALL, Hint.CUT)),
)
"""What is ticked off, and the hints that speak against it."""

LIKENESS = 0.1
"""How far beyond τ, in squared L2, two people are still so alike that it is worth a word."""


class Coach(QWidget):
    """The five things in a row."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[tuple[Sign, Label]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for words, _ in CHECKS:
            sign, label = Sign("minus", "muted"), Label(words, "note")
            row.addWidget(sign, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addWidget(label)
            row.addSpacing(12)
            self._parts.append((sign, label))
        row.addStretch(1)

    def show_hints(self, hints: Sequence[Hint] | None) -> None:
        """What speaks against the face that is seen; None while none is."""
        told = []
        for (sign, label), (words, against) in zip(self._parts, CHECKS, strict=True):
            if hints is None:
                sign.show_sign("minus", "muted")
                verdict = "not seen"
            elif any(hint in against for hint in hints):
                sign.show_sign("problem", "warning")
                verdict = "not yet"
            else:
                sign.show_sign("check", "ok")
                verdict = "good"
            label.setAccessibleName(f"{words}: {verdict}")
            told.append(f"{words}: {verdict}")
        self.setAccessibleName("Coach: " + ", ".join(told))


def warnings(model: FacesModel, name: str, readings: Sequence[Reading]) -> list[str]:
    """What should be known before these pictures are enrolled as `name`."""
    found = []
    held = next((one for one in model.names() if one.casefold() == name.casefold()), None)
    matrix, owners = model.people()
    embeddings = [reading.embedding for reading in readings if model.comparable(reading)]
    if held is not None:
        own = model.row_of(held)
        nearest = min((distance(one, row) for one in embeddings for row in own), default=0.0)
        if nearest > model.threshold:
            found.append(f"This does not look like the {held} who is enrolled.")
        else:
            pictures = "1 more picture" if len(readings) < 2 else f"{len(readings)} more pictures"
            found.append(f"{held} is enrolled already: this adds {pictures}.")
    others = [index for index, owner in enumerate(owners) if owner != held]
    if others and embeddings:
        names = [owners[index] for index in others]
        nearest_of = [identify(one, matrix[others], names).candidates[0] for one in embeddings]
        alike = min(nearest_of, key=lambda one: one.distance)
        if alike.distance <= model.threshold:
            found.append(f"This may be {alike.name}, who is enrolled already.")
        elif alike.distance <= model.threshold + LIKENESS:
            found.append(f"Looks much like {alike.name}: the two may be taken for each other.")
    if len(embeddings) > 1:
        rows = np.stack(embeddings)
        if float((2 - 2 * rows @ rows.T).max()) > model.threshold:
            found.append("The pictures do not look like one person.")
    for hint in dict.fromkeys(hint for reading in readings for hint in reading.hints):
        found.append(str(hint))
    return found
