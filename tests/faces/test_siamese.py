"""A real training of a tiny encoder: it learns, it repeats itself, it stops, and it says what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.faces.folder import scan
from explorer.faces.siamese import Training, side_by_side
from explorer.faces.siamese_data import ArrayPictures, FolderPictures, fashion
from explorer.faces.siamese_encoder import of_network, sface_head, small_network
from explorer.faces.siamese_events import Begins, EmbeddingMap, Hardest, SiameseBatch, SiameseEpoch
from explorer.faces.siamese_saved import capture, load, read
from explorer.faces.siamese_settings import FASHION, Loss, Mining, Optimizer, Settings
from explorer.learning.control import Control
from explorer.learning.events import Done, Event, Failed, Skipped
from explorer.network.builder import Builder
from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.layers import Add, Flatten, Softmax
from explorer.network.shorthand import conv, linear

QUICK = replace(FASHION, pictures_per_person=4, epochs=2)


@pytest.fixture(autouse=True)
def one_thread() -> object:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def _tiny() -> Network:
    b = Builder("Tiny")
    b.input(1, 14, 14)
    b.add(conv(8, 5, stride=2))
    b.add(Flatten())
    b.add(linear(16))
    return b.network()


def _training(settings: Settings = QUICK, each: int = 40, network: Network | None = None) -> Training:
    return Training(fashion(each), of_network(network or _tiny(), settings.seed), settings)


def _run(training: Training, watch: float = float("inf")) -> list[Event]:
    return list(training.events(Control(), watch))


def _losses(events: list[Event]) -> list[float]:
    return [event.loss for event in events if isinstance(event, SiameseBatch)]


def test_it_learns_to_tell_classes_apart_that_it_never_saw() -> None:
    events = _run(_training(replace(FASHION, epochs=3), 80, small_network()))
    epochs = [event for event in events if isinstance(event, SiameseEpoch)]
    assert [epoch.epoch for epoch in epochs] == [0, 1, 2, 3]
    assert np.isnan(epochs[0].loss)
    assert epochs[-1].loss < 0.7 * epochs[1].loss
    assert epochs[0].eer is not None
    assert epochs[-1].eer is not None
    assert epochs[-1].eer < 0.8 * epochs[0].eer < 0.4
    assert epochs[-1].threshold is not None
    assert 0 < epochs[-1].threshold < 4
    assert isinstance(events[-1], Done)
    assert not events[-1].stopped


@pytest.mark.parametrize("loss", list(Loss))
@pytest.mark.parametrize("optimizer", list(Optimizer))
def test_every_loss_falls(loss: Loss, optimizer: Optimizer) -> None:
    rate = 0.003 if optimizer is Optimizer.ADAM else 0.05
    settings = replace(QUICK, loss=loss, optimizer=optimizer, learning_rate=rate, epochs=5)
    events = _run(_training(settings))
    losses = _losses(events)
    assert np.mean(losses[-8:]) < np.mean(losses[:4])
    last = [event for event in events if isinstance(event, SiameseEpoch)][-1]
    assert (last.measure_eer is not None) == (loss is Loss.CROSS_ENTROPY)
    for event in events:
        if isinstance(event, SiameseBatch):
            assert event.terms > 0
            assert (event.active is None) == (loss is Loss.CROSS_ENTROPY)


@pytest.mark.parametrize("mining", list(Mining))
def test_a_seed_gives_the_same_training(mining: Mining) -> None:
    settings = replace(QUICK, mining=mining, epochs=1)
    first, second = _training(settings), _training(settings)
    assert _losses(_run(first)) == _losses(_run(second, watch=0.0))  # looking on changes nothing
    assert capture(first).version == capture(second).version
    other = _training(replace(settings, seed=1))
    assert _losses(_run(other)) != _losses(_run(_training(settings)))


def test_a_stop_is_effective_at_the_next_batch_and_keeps_what_was_reached() -> None:
    control, training = Control(), _training()
    events: list[Event] = []
    for event in training.events(control, float("inf")):
        events.append(event)
        if isinstance(event, SiameseBatch) and event.batch == 2:
            control.stop()
    assert isinstance(events[-1], Done)
    assert events[-1].stopped
    assert [event.batch for event in events if isinstance(event, SiameseBatch)] == [1, 2]
    assert capture(training).encoder().size == 16


def test_a_stop_while_pictures_are_being_read_ends_it_too() -> None:
    control, training = Control(), _training()
    control.stop()
    begins, event = training.events(control)
    assert isinstance(begins, Begins)
    assert isinstance(event, Done)
    assert event.stopped


def test_a_loss_that_is_no_number_names_its_batch() -> None:
    training = _training(replace(QUICK, optimizer=Optimizer.SGD, learning_rate=50.0, loss=Loss.CONTRASTIVE))
    with torch.no_grad():
        next(iter(training.module.parameters())).fill_(float("inf"))
    last = _run(training)[-1]
    assert isinstance(last, Failed)
    assert (last.epoch, last.batch) == (1, 1)
    assert "epoch 1, batch 1" in last.message


def test_what_is_watched() -> None:
    events = _run(_training(replace(QUICK, epochs=1)), watch=0.0)
    planes = [event for event in events if isinstance(event, EmbeddingMap)]
    hardest = [event for event in events if isinstance(event, Hardest)]
    assert len(planes) > len(hardest) > 3
    assert len({plane.places.shape for plane in planes}) == 1  # the same pictures each time
    assert set(planes[0].unseen) == set(FASHION.unseen or ())
    triplet = hardest[0].triplets[0]
    assert triplet.person != triplet.other
    assert triplet.anchor.shape == (28, 28, 3)
    margins = [one.near - one.far for one in hardest[0].triplets]
    assert margins == sorted(margins, reverse=True)


def test_two_trainings_take_turns() -> None:
    lanes = [_training(replace(QUICK, mining=one, epochs=1)) for one in (Mining.RANDOM, Mining.BATCH_HARD)]
    told = list(side_by_side(lanes, Control()))
    batches = [event.lane for event in told if isinstance(event.event, SiameseBatch)]
    assert batches[:6] == [0, 1, 0, 1, 0, 1]
    alone = _losses(_run(_training(replace(QUICK, mining=Mining.RANDOM, epochs=1))))
    assert _losses([event.event for event in told if event.lane == 0]) == alone


def test_a_corrupt_picture_is_named_and_the_rest_is_learned(tmp_path: Path) -> None:
    drawn = np.random.default_rng(0)
    for person in range(5):
        (tmp_path / f"p{person}").mkdir()
        for number in range(4):
            pixels = drawn.normal(40 + 40 * person, 10, (14, 14)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / f"p{person}" / f"{number}.png")
    for person in range(5):
        (tmp_path / f"p{person}" / "2.png").write_bytes(b"not a picture")
    pictures = FolderPictures(scan(tmp_path), faces=False)
    settings = Settings(people_per_batch=3, pictures_per_person=3, epochs=3)
    events = _run(Training(pictures, of_network(_tiny()), settings))
    skipped = [event for event in events if isinstance(event, Skipped)]
    assert sorted(Path(event.file).parent.name for event in skipped) == [f"p{k}" for k in range(5)]
    assert all("2.png" in event.reason for event in skipped)
    assert isinstance(events[-1], Done)
    assert _losses(events)


def test_weights_come_back_from_their_file(tmp_path: Path) -> None:
    training = _training(replace(QUICK, epochs=1))
    _run(training)
    trained = capture(training)
    path = tmp_path / "encoder.safetensors"
    trained.save(path)
    encoder = load(path)
    assert (encoder.version, encoder.threshold, encoder.size) == (trained.version, trained.threshold, 16)
    chip = fashion(2).picture(3)
    ours = training.embed(np.array([3]))[0]  # of another sample of pictures: only the length is compared
    assert np.linalg.norm(ours) == pytest.approx(1, abs=1e-5)
    row = encoder.encode(chip, careful=False)
    assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)
    assert np.allclose(row, trained.encoder().encode(chip, careful=False))
    with pytest.raises(UserError, match="not an encoder"):
        read(b"\x10\0\0\0\0\0\0\0{}nonsense", "other.bin")
    with pytest.raises(UserError, match="damaged"):
        read(path.read_bytes()[:-40])
    with pytest.raises(UserError, match="cannot be read"):
        load(tmp_path / "missing.safetensors")


def test_the_bundled_encoder_with_a_new_head_starts_as_it_is() -> None:
    from explorer.faces.encoder import SFace

    chip = np.random.default_rng(0).integers(0, 255, (112, 112, 3), dtype=np.uint8)
    head = sface_head()
    values = torch.from_numpy(head.ready(chip)[None])
    assert np.allclose(
        head.module(values).detach().numpy()[0], SFace().encode(chip, careful=False), atol=1e-6
    )
    with pytest.raises(UserError, match="reads faces"):
        Training(fashion(10), head, QUICK)


def _softmax() -> Network:
    b = Builder("Classes")
    b.input(1, 14, 14)
    b.add(Flatten())
    b.add(linear(7))
    b.add(Softmax())
    return b.network()


def test_a_softmax_at_the_end_is_left_away() -> None:
    encoder = of_network(_softmax())
    rows = encoder.module(torch.randint(0, 255, (5, 1, 14, 14), dtype=torch.uint8))
    assert rows.shape == (5, 7)
    assert bool((rows < 0).any())  # no softmax gives these


def _two_inputs() -> Network:
    b = Builder("Pair")
    left = b.input(1, 14, 14, name="left")
    right = b.input(1, 14, 14, name="right")
    b.add(Add(), left, right)
    return b.network()


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: _two_inputs(), "one picture"),
        (lambda: Network(), "empty|inputs"),
    ],
)
def test_networks_that_are_no_encoders_are_refused(make: Callable[[], Network], word: str) -> None:
    with pytest.raises(UserError, match=word):
        of_network(make())


def test_too_few_people_for_a_batch_are_refused() -> None:
    few = ArrayPictures("few", ("a", "b"), np.array([0, 0, 1, 1]), np.zeros((4, 14, 14), np.uint8))
    with pytest.raises(UserError, match="add people"):
        Training(few, of_network(_tiny()), Settings(people_per_batch=2))


def test_it_says_what_it_learns_from() -> None:
    begins = next(iter(_training(each=20).events(Control())))
    assert isinstance(begins, Begins)
    assert (begins.pictures, begins.people, begins.unseen_people, begins.unseen_pictures) == (200, 10, 3, 60)
    assert begins.words.startswith("200 pictures of 10: 140 of 7 are learned from, in ")
    assert begins.words.endswith("At most 512 MiB of pictures are held.")
