"""A training's figures on the cards: written where the counts were, gone with a change or a click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.network import operations
from explorer.network.builder import Builder
from explorer.network.graph import Network
from explorer.network.layers import Flatten, ReLU
from explorer.network.shorthand import conv, linear
from explorer.session.training_marks import TrainingMarks


def small() -> Network:
    b = Builder("Small")
    b.input(1, 28, 28)
    with b.block("body"):
        b.add(conv(4, 5), name="conv")
        b.add(ReLU(), name="relu")
        b.add(Flatten(), name="flatten")
    b.add(linear(10), name="fc")
    return b.network()


def test_cards_show_a_trainings_figures(drive: Callable[..., Any]) -> None:
    driver = drive(small())
    canvas, marks = driver.canvas, TrainingMarks()
    canvas.marks.follow(marks)
    document = canvas.editor.document

    def face(node: str) -> Any:
        outline = canvas.scene.plan.outline
        return canvas.scene.nodes[outline.card_of[node]].face

    counts = face("body.conv").count, face("fc").count
    assert not canvas.marks.legend.isVisible()
    norms = {"body.conv": 0.02, "fc": 2.0}
    marks.tell(0, document.network, "Small, epoch 3", norms, {"body.relu": 0.5})
    assert (face("body.conv").count, face("fc").count) == ("∇ 0.02", "∇ 2")
    assert face("body.conv").lines[0].count == "50 % dead"
    assert face("fc").gauge == 1.0
    assert 0.4 < face("body.conv").gauge < 0.6
    assert canvas.marks.legend.isVisible()
    assert "Small, epoch 3" in canvas.marks.legend.words.text()
    change = operations.set_fields(document.network, "body.conv", {"out_channels": 7})
    document.apply(change.title, change.edits)
    assert face("body.conv").gauge is None
    assert face("fc").count == "∇ 2"
    document.undo()
    assert face("body.conv").count == "∇ 0.02"
    folded = operations.fold(document.network, ["body"], True)
    document.apply(folded.title, folded.edits)
    assert face("body.conv").count == "∇ 0.02"
    assert not driver.canvas.grab().isNull()
    canvas.marks.legend.closing.emit()
    assert not canvas.marks.legend.isVisible()
    document.undo()
    assert (face("body.conv").count, face("fc").count) == counts
