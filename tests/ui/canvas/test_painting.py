from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from explorer.network import operations
from explorer.ui.canvas.link_item import LinkItem, paint_wire
from explorer.ui.canvas.look import Look, mixed
from explorer.ui.canvas.outline import Kind
from explorer.ui.canvas.scene import CanvasScene
from explorer.ui.canvas.volume import volume_of
from explorer.ui.theme import THEMES, Tokens, contrast
from tests.ui.canvas.networks import inception, resnet

Drive = Callable[..., Any]


def on_screen(d: Any) -> QImage:
    """What was really painted, bit by bit, into the window."""
    d.settle()
    d.canvas.problems._timer.stop()
    image: QImage = d.canvas.screen().grabWindow(d.canvas.winId()).toImage()
    image.convertTo(QImage.Format.Format_RGB32)
    return image


def afresh(d: Any) -> QImage:
    """What a repaint of everything gives."""
    image: QImage = d.canvas.grab().toImage()
    image.convertTo(QImage.Format.Format_RGB32)
    return image


@pytest.mark.parametrize("scale", [1.0, 0.7, 0.45, 0.2, 0.05])
def test_partial_repaints_leave_nothing_behind(drive: Drive, scale: float) -> None:
    d = drive(resnet((3, 4, 6, 3)), size=(800, 600))
    chance = random.Random(7)
    d.view.look_at(scale, QPointF(60, 3000))
    assert on_screen(d) == afresh(d)
    for _ in range(8):
        d.view.scroll_by(chance.randint(-50, 50), chance.randint(-50, 50))
        d.settle()
    assert on_screen(d) == afresh(d)
    for place in (QPoint(400, 300), QPoint(420, 330), QPoint(380, 240), QPoint(4, 4)):
        d.hover(place)
        d.settle()
    change = operations.set_fields(d.network, "conv1", {"stride": 1})
    d.tab.document.apply(change.title, change.edits)
    assert on_screen(d) == afresh(d)
    d.tab.selection.set(list(d.network.nodes)[40:70])
    assert on_screen(d) == afresh(d)
    d.press(QPoint(20, 20))
    for place in (QPoint(200, 300), QPoint(500, 400), QPoint(90, 120)):
        d.move(place)
        d.settle()
    assert on_screen(d) == afresh(d)
    d.view.cancel()
    assert on_screen(d) == afresh(d)


@pytest.mark.parametrize("tokens", THEMES, ids=lambda tokens: tokens.name)
def test_all_text_can_be_read_on_what_it_stands_on(qapp: Any, tokens: Tokens) -> None:
    look = Look(tokens, "Inter")
    region = mixed(tokens.accent, tokens.canvas, 3 * look.region.color().alphaF())
    folded = mixed(tokens.accent, tokens.card, 0.05)
    pairs: list[tuple[QColor, QColor]] = [
        (text, ground)
        for text in (tokens.text, tokens.muted)
        for ground in (tokens.card, tokens.accent_wash, tokens.canvas, region, folded, look.washes["merge"])
    ]
    pairs += [(tokens.accent, ground) for ground in (tokens.card, folded, tokens.accent_wash)]
    pairs += [
        (tokens.error, tokens.card),
        (tokens.error, tokens.error_wash),
        (tokens.text, tokens.error_wash),
    ]
    for text, ground in pairs:
        assert contrast(text, ground) >= 4.5, (text.name(), ground.name())


def test_cards_do_not_cover_each_other_and_regions_hold_theirs(drive: Drive) -> None:
    for network in (inception(), resnet((2, 2))):
        d = drive(network)
        items = list(d.scene.nodes.values())
        for index, one in enumerate(items):
            a = one.covers
            for other in items[index + 1 :]:
                b = other.covers
                apart = a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y
                assert apart, (one.card.key, other.card.key)
            if one.card.region is not None:
                area = d.scene.regions[one.card.region].area
                assert area.x <= a.x
                assert a.right <= area.right
                assert area.y + 20 <= a.y
                assert a.bottom <= area.bottom


def test_wires_touch_what_they_join(drive: Drive) -> None:
    d = drive(resnet((2, 2)))
    for wire in d.scene.wires.values():
        source, target = d.scene.nodes[wire.wire.source].area, d.scene.nodes[wire.wire.target].area
        (sx, sy), (ex, ey) = wire.route[0], wire.route[-1]
        assert source.x <= sx <= source.right
        assert sy == source.bottom
        if d.scene.nodes[wire.wire.target].card.kind is Kind.DOT:
            assert abs(ex - target.middle[0]) <= target.width / 2 + 0.1
        else:
            assert target.x <= ex <= target.right
            assert ey == target.y


def test_wires_in_parts_look_as_their_paths_do(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    d = drive(inception())
    d.canvas.view.zoom_to(1.0)
    d.settle()
    parts = afresh(d)
    monkeypatch.setattr(LinkItem, "_paint_quiet", _paint_path)
    paths = afresh(d)
    one, two = bytes(parts.constBits()), bytes(paths.constBits())
    assert len(one) == len(two)
    assert max(abs(a - b) for a, b in zip(one, two, strict=True) if a != b) < 64, (
        "an edge is blended once or twice"
    )
    monkeypatch.setattr(LinkItem, "_paint_quiet", lambda *_: None)
    assert afresh(d) != parts, "there were wires to compare"


def _paint_path(item: LinkItem, painter: QPainter, scene: CanvasScene) -> None:
    paint_wire(painter, item._path, item._arrow, scene.look, item.wire.shortcut)


def test_volumes_grow_with_their_shape_and_stay_beside_the_card() -> None:
    small, large = volume_of((16, 14, 14)), volume_of((512, 224, 224))
    assert large.width > small.width
    assert large.height > small.height
    assert large.depth_x > small.depth_x
    widest = volume_of((4096, 1024, 1024))
    assert widest.width + widest.depth_x <= 54
    assert volume_of((1000,)).height > volume_of((10,)).height
    assert volume_of((1000,)).width == volume_of((10,)).width
    assert volume_of((8, 20)).depth_x > 0
