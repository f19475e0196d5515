"""Distorted pictures, and what networks make of them, against the same done by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from explorer.imaging.distortions import BY_NAME, KINDS, Distortion, Kind, distort, ground
from explorer.imaging.invariance import by_layer, curve, scores_and_features
from explorer.imaging.subject import Subject
from explorer.learning.samples import fashion_sample
from explorer.learning.shipped import trained
from explorer.media.pictures import Picture
from explorer.network.builder import Builder
from explorer.network.layers import Flatten, GlobalAvgPool2d, ReLU
from explorer.network.shorthand import conv, linear, max_pool


def patch(height: int = 32, width: int = 32) -> Picture:
    """Something in the middle on black, so that a small shift brings nothing in and nothing out."""
    picture = np.zeros((height, width), np.uint8)
    chance = np.random.default_rng(4)
    picture[10:22, 10:22] = chance.integers(1, 256, (12, 12), dtype=np.uint8)
    return picture


@pytest.fixture(scope="module")
def lenet() -> Subject:
    return Subject.of(trained("lenet5"))


@pytest.fixture(scope="module")
def dense() -> Subject:
    return Subject.of(trained("fully-connected"))


# --- the distortions ---


def test_no_distortion_is_the_picture() -> None:
    assert Distortion().neutral
    assert np.array_equal(distort(patch(), Distortion()), patch())


def test_whole_pixels_shift_and_nothing_else() -> None:
    moved = distort(patch(), Distortion(shift=3 / 32))
    assert np.array_equal(moved[:, 3:], patch()[:, :-3])
    assert not moved[:, :3].any()
    coloured = np.repeat(patch()[:, :, None], 3, axis=2)
    assert np.array_equal(distort(coloured, Distortion(shift=-0.25)), np.roll(coloured, -8, axis=1))


def test_a_quarter_turn_is_numpys() -> None:
    found = distort(patch(33, 33), Distortion(turn=90))
    assert np.abs(found.astype(int) - np.rot90(patch(33, 33)).astype(int)).max() <= 1


def test_what_comes_in_has_the_colour_of_the_border() -> None:
    picture = np.full((20, 30, 3), (10, 200, 60), np.uint8)
    picture[8:12, 8:12] = 255
    assert ground(picture) == (10, 200, 60)
    found = distort(picture, Distortion(shift=0.3, turn=20, scale=0.5))
    assert found[0, 0].tolist() == [10, 200, 60]


def test_light_noise_and_cover() -> None:
    picture = np.full((32, 32), 100, np.uint8)
    assert (distort(picture, Distortion(brightness=0.5)) == 50).all()
    assert (distort(picture, Distortion(brightness=2.0)) == 200).all()
    covered = distort(picture, Distortion(cover=0.5))
    assert (covered == 128).sum() == 16 * 16
    assert (covered[8:24, 8:24] == 128).all()
    noisy = distort(picture, Distortion(noise=0.1)).astype(float)
    assert noisy.std() == pytest.approx(25.5, rel=0.1)
    assert np.array_equal(noisy, distort(picture, Distortion(noise=0.1)))
    assert distort(patch(), Distortion(blur=3)).std() < patch().std() / 1.5
    assert not picture.any() or (picture == 100).all()


@given(
    st.sampled_from(KINDS), st.floats(0, 1), st.integers(1, 40), st.integers(1, 40), st.sampled_from([0, 3])
)
def test_any_amount_of_anything_on_any_picture(
    kind: Kind, share: float, height: int, width: int, colours: int
) -> None:
    shape = (height, width, colours) if colours else (height, width)
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    before = picture.copy()
    amount = kind.low + share * (kind.high - kind.low)
    found = distort(picture, Distortion().with_amount(kind.name, amount))
    assert found.shape == shape
    assert found.dtype == np.uint8
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_amounts_hold_the_neutral_one(kind: Kind) -> None:
    amounts = kind.amounts(17)
    assert len(amounts) == 17
    assert amounts[-1] == kind.high
    assert kind.neutral in amounts
    assert list(amounts) == sorted(set(amounts))
    assert kind.told(kind.neutral)


# --- curves ---


def test_a_curve_is_what_the_network_says_of_each_picture(lenet: Subject) -> None:
    sample = fashion_sample()
    pictures, labels = list(sample.test[::90]), [int(one) for one in sample.test_labels[::90]]
    base = Distortion(blur=0.5)
    *_, (share, found) = curve(lenet, pictures, labels, BY_NAME["turn"], base, amounts=5)
    assert share == 1
    assert found is not None
    assert found.amounts.tolist() == [-90, -45, 0, 45, 90]
    plain = [distort(lenet.seen(lenet.inputs(one)), base) for one in pictures]
    turned = [distort(lenet.seen(lenet.inputs(one)), Distortion(blur=0.5, turn=45)) for one in pictures]
    batch = torch.cat([lenet.inputs(one)[0] for one in turned])
    said = lenet.module(batch).softmax(1)
    assert found.probability[3] == pytest.approx(float(said[range(len(labels)), labels].mean()), abs=1e-5)
    assert found.right[3] == pytest.approx(float((said.argmax(1) == torch.tensor(labels)).double().mean()))
    _, before = scores_and_features(lenet, plain)
    _, after = scores_and_features(lenet, turned)
    far = ((after - before).norm(dim=1) / before.norm(dim=1)).mean()
    assert found.distance[3] == pytest.approx(float(far), rel=1e-4)
    assert found.distance[2] == 0


def test_the_convolutional_network_bears_a_shift_better(lenet: Subject, dense: Subject) -> None:
    """Of the lecture's claims: as many parameters, the same data, and yet."""
    sample = fashion_sample()
    pictures, labels = list(sample.test[::10]), [int(one) for one in sample.test_labels[::10]]
    right = {}
    for name, subject in (("conv", lenet), ("dense", dense)):
        *_, (_, found) = curve(subject, pictures, labels, BY_NAME["shift"], Distortion(), amounts=9)
        assert found is not None
        right[name] = found.right
        assert found.right[4] > 0.8
    assert right["conv"][[2, 3, 5, 6]].mean() > right["dense"][[2, 3, 5, 6]].mean()


def test_without_labels_the_class_found_first_is_meant(lenet: Subject) -> None:
    *_, (_, found) = curve(lenet, [patch()], None, BY_NAME["noise"], Distortion(), amounts=3)
    assert found is not None
    assert found.right[0] == 1


# --- equivariance and invariance ---


def test_convolutions_move_with_the_picture_and_the_mean_does_not_notice() -> None:
    b = Builder("Moving")
    b.input(1, 32, 32)
    b.add(conv(4, 3), name="conv1")
    b.add(ReLU(), name="relu1")
    b.add(max_pool(2, 2), name="pool")
    b.add(conv(5, 3), name="conv2")
    b.add(GlobalAvgPool2d(), name="mean")
    b.add(Flatten(), name="flatten")
    b.add(linear(3), name="fc")
    subject = Subject.of(b.network(), seed=1)
    found = {one.path: one for one in by_layer(subject, [patch()], 4)}
    for path in ("conv1", "pool", "conv2"):
        assert found[path].unmoved == pytest.approx(0, abs=1e-5)
        assert found[path].changed > 0.2
    assert found["mean"].unmoved is None
    assert found["mean"].changed < 0.02 < found["conv2"].changed
    assert found["fc"].unmoved is None
    odd = {one.path: one for one in by_layer(subject, [patch()], 1)}
    assert odd["conv1"].unmoved == pytest.approx(0, abs=1e-5)
    assert (odd["pool"].unmoved or 0) > 0.01  # half a place of the pooled map cannot be moved exactly


def test_a_fully_connected_network_has_no_places(dense: Subject) -> None:
    found = by_layer(dense, [patch()], 3)
    assert [one.path for one in found] == ["fc1", "fc2", "fc3"]
    assert all(one.unmoved is None and one.changed > 0 for one in found)
