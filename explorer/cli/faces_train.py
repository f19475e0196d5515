"""`explorer faces train`: a Siamese encoder learns from a folder of people; one event a line.

Ctrl-C ends it at the next batch; with `--out`, the encoder after the last whole epoch is kept.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.parsing import say
from explorer.cli.source import positive
from explorer.cli.stopping import INTERRUPTED, stopping
from explorer.cli.table import Paint, paint, tell
from explorer.cli.target import check_target
from explorer.faces.siamese_settings import FASHION, Loss, Mining, Optimizer, Settings
from explorer.network.errors import UserError

if TYPE_CHECKING:
    from explorer.faces.siamese import Training
    from explorer.faces.siamese_data import Pictures
    from explorer.faces.siamese_encoder import Trainable
    from explorer.learning.events import Event

SAMPLE = "fashion-sample"
SMALL, SFACE = "small", "sface-head"


def add_verb(verbs: Any) -> None:
    """The verb `train`, added to the parser's others."""
    usual = Settings()
    train = verbs.add_parser("train", help="train an encoder on a folder of people")
    train.add_argument(
        "folder", metavar="FOLDER", help=f"one folder a person, or '{SAMPLE}': clothes, embedded, no download"
    )
    train.add_argument("--loss", choices=[loss.value for loss in Loss], default=usual.loss.value)
    train.add_argument(
        "--mining", choices=[mining.value for mining in Mining], help="which triplets (semi-hard)"
    )
    train.add_argument("--alpha", type=_number, default=usual.alpha, metavar="A", help="margin (0.2)")
    train.add_argument("--people", type=positive, metavar="P", help="people a batch (8)")
    train.add_argument("--pictures", type=positive, metavar="K", help="pictures of each a batch (8)")
    train.add_argument("--epochs", type=positive, default=usual.epochs, metavar="N")
    train.add_argument("--lr", type=_number, default=usual.learning_rate, metavar="RATE")
    train.add_argument("--optimizer", choices=[one.value for one in Optimizer], default=usual.optimizer.value)
    train.add_argument("--seed", type=_seed, default=usual.seed, metavar="N")
    train.add_argument(
        "--encoder",
        default=SMALL,
        metavar="SOURCE",
        help=f"'{SMALL}', '{SFACE}' (the bundled one, frozen, and a new layer), a zoo name or a .convnet",
    )
    train.add_argument("--as-is", action="store_true", help="take whole pictures: do not look for faces")
    train.add_argument(
        "--out", type=Path, metavar="FILE", help="write the weights after each epoch: x.safetensors"
    )
    train.add_argument("--json", action="store_true", help="one JSON object a line")
    train.set_defaults(call=run)


def run(args: argparse.Namespace) -> int:
    """Trains and tells. Raises UserError where input or training fail."""
    if args.out is not None and args.out.suffix != ".safetensors":
        raise UserError(f"'{args.out}' does not end in .safetensors; name a file like encoder.safetensors")
    if args.out is not None:
        check_target(args.out)
    pictures = _pictures(args)
    encoder = _encoder(args.encoder, pictures.faces, args.seed)

    from explorer.faces.siamese import Training

    training = Training(pictures, encoder, _settings(args))
    if not args.json:
        _introduce(training)
    return _train(training, args)


def _train(training: Training, args: argparse.Namespace) -> int:
    """The weights are written after each epoch: what an interruption leaves is whole, and judged."""
    from explorer.faces.siamese_events import SiameseEpoch
    from explorer.learning.control import Control
    from explorer.learning.events import Done, Failed, Saved
    from explorer.learning.job import leaving_a_core

    control, kept, stopped = Control(), 0, False
    with leaving_a_core(), stopping(control):
        for event in training.events(control, watch_every=float("inf")):
            _tell(event, args.json)
            if isinstance(event, SiameseEpoch) and event.epoch and args.out is not None:
                _save(training, args.out)
                kept = event.epoch
                _tell(Saved(file=str(args.out), epoch=kept), args.json)
            elif isinstance(event, Done):
                stopped = event.stopped
            elif isinstance(event, Failed):
                raise UserError(event.message)
    if not stopped:
        return 0
    if kept:
        say(f"explorer: interrupted; '{args.out}' holds the encoder after epoch {kept}")
    elif args.out is not None:
        say(f"explorer: interrupted before an epoch was whole; '{args.out}' was not written")
    else:
        say("explorer: interrupted; nothing was kept: give --out FILE to keep the encoder after each epoch")
    return INTERRUPTED


def _pictures(args: argparse.Namespace) -> Pictures:
    from explorer.faces.folder import scan
    from explorer.faces.siamese_data import FolderPictures, fashion

    if args.folder == SAMPLE:
        return fashion()
    folder = scan(args.folder)
    for line in folder.skipped:
        say(f"left out: {line}")
    return FolderPictures(folder, faces=not args.as_is)


def _encoder(name: str, faces: bool, seed: int) -> Trainable:
    from explorer.faces.siamese_encoder import of_network, sface_head, small_network

    if name == SFACE:
        return sface_head()
    if name == SMALL:
        return of_network(small_network(56, 3) if faces else small_network(), seed)
    from explorer.cli import source

    return of_network(source.load(name).network, seed)


def _settings(args: argparse.Namespace) -> Settings:
    loss = Loss(args.loss)
    if args.mining is not None and loss is not Loss.TRIPLET:
        raise UserError(f"--mining chooses triplets; the loss is {loss.value}: leave --mining away")
    usual = FASHION if args.folder == SAMPLE else Settings()
    return Settings(
        loss=loss,
        mining=Mining(args.mining or usual.mining),
        alpha=args.alpha,
        people_per_batch=args.people or usual.people_per_batch,
        pictures_per_person=args.pictures or usual.pictures_per_person,
        epochs=args.epochs,
        seed=args.seed,
        optimizer=Optimizer(args.optimizer),
        learning_rate=args.lr,
        unseen=usual.unseen,
    )


def _introduce(training: Training) -> None:
    say(f"{training.pictures.title}: {training.begins().words}")


def _save(training: Training, path: Path) -> None:
    from explorer.faces.siamese_saved import capture

    capture(training).save(path)


def _tell(event: Event, as_json: bool) -> None:
    if not event.name:
        return
    line = event.line()
    if as_json:
        print(json.dumps(line), flush=True)
    elif event.name == "epoch":
        loss = "untrained" if line["loss"] is None else f"loss {line['loss']:.4f}"
        eer = "no pairs to judge on" if line["eer"] is None else f"EER {100 * line['eer']:.2f} % on unseen"
        pace = f"{line['images_per_second']:,.0f} pictures/s" if line["epoch"] else ""
        tell(f"epoch {line['epoch']:>3} of {line['epochs']}  {loss:<14} {paint(eer, Paint.STRONG)}  {pace}")
    elif event.name == "skipped":
        say(f"left out: {line['reason']}")
    elif event.name == "saved":
        say(f"saved {line['file']}")
    elif event.name == "done":
        tell(f"{'stopped after' if line['stopped'] else 'done in'} {line['seconds']:.1f} s")


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0 and up to 100")
    return value


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**32):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 to {2**32 - 1:,}")
    return int(text)
