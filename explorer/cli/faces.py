"""`explorer faces`: verify two pictures, evaluate a list of pairs; both on this computer."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from explorer.cli import faces_gallery, faces_train
from explorer.cli.faces_reading import add_threshold, pipeline, read_face, warn
from explorer.cli.parsing import say
from explorer.cli.source import positive
from explorer.cli.table import Paint, paint, tell, write_table
from explorer.network.errors import UserError

if TYPE_CHECKING:
    from explorer.faces.evaluation import Folds, Interval
    from explorer.faces.pairs import Measured

NO = 1
FALSE_ACCEPTS = {"1e-2": 1e-2, "1e-3": 1e-3}
ROC_POINTS = 200
FEW = 300
"""Pairs of either kind below which the figures alone say little: none wrong may still mean 1 %."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of this verb: one of its own verbs, and theirs."""
    verbs = parser.add_subparsers(dest="faces_verb", required=True, metavar="VERB")
    verify = verbs.add_parser("verify", help="are the two pictures of one person; exit 1 if not")
    verify.add_argument("a", metavar="A", help="a picture with a face")
    verify.add_argument("b", metavar="B", help="another")
    add_threshold(verify, "1.18")
    verify.set_defaults(call=_verify)
    faces_gallery.add_verbs(verbs)
    faces_train.add_verb(verbs)
    evaluate = verbs.add_parser("evaluate", help="accuracy, EER and TAR@FAR of a list of pairs")
    evaluate.add_argument("pairs", metavar="PAIRS.csv", help="columns a,b,same[,fold]; paths relative to it")
    evaluate.add_argument(
        "--folds", type=positive, default=10, metavar="N", help="folds, if the file names none (10)"
    )
    evaluate.set_defaults(call=_evaluate)
    for each in (verify, evaluate):
        each.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace) -> int:
    """What the verb named after `faces` does."""
    return int(args.call(args))


def _verify(args: argparse.Namespace) -> int:
    from explorer.faces import calibration, decision

    readings = [read_face(path) for path in (args.a, args.b)]
    threshold = decision.THRESHOLD if args.threshold is None else args.threshold
    verdict = decision.verify(readings[0].embedding, readings[1].embedding, threshold)
    if args.json:
        found = {
            "same": verdict.same,
            "distance": verdict.distance,
            "threshold": verdict.threshold,
            "probability": verdict.probability,
            "calibration": calibration.WORDS,
            "faces": [reading.faces for reading in readings],
        }
        print(json.dumps(found))
    else:
        for path, reading in zip((args.a, args.b), readings, strict=True):
            warn(path, reading)
        answer = "The same person." if verdict.same else "Not the same person."
        tell(paint(answer, Paint.STRONG if verdict.same else Paint.WRONG))
        relation = "≤" if verdict.same else ">"
        tell(f"  distance     {verdict.distance:.3f} {relation} {verdict.threshold:.3f}")
        chance = f"{100 * verdict.probability:.1f} % ({calibration.WORDS})"
        tell(f"  probability  {chance}: {verdict.words}")
    return 0 if verdict.same else NO


def _evaluate(args: argparse.Namespace) -> int:
    if args.folds < 2:
        raise UserError("a cross-validation needs at least 2 folds; give --folds 10")
    from explorer.faces.evaluation import ten_fold
    from explorer.faces.pairs import measure, read_pairs

    pairs = read_pairs(args.pairs, args.folds)
    measured = measure(pairs, pipeline(), progress=_progress)
    folds = ten_fold(measured.distances, measured.same, measured.folds)
    rates = _rates(measured)
    if args.json:
        print(json.dumps(_evaluation(measured, folds, rates)))
    else:
        _write_evaluation(measured, folds, rates)
    return 0


def _progress(done: int, pictures: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        end = "\n" if done == pictures else ""
        print(f"\r{done} of {pictures} pictures", end=end, file=sys.stderr, flush=True)
    elif done == pictures:
        say(f"read {pictures} pictures")


def _rates(measured: Measured) -> dict[str, Interval]:
    """EER and TAR@FAR with their intervals. A picture without a face is a missed genuine pair."""
    from explorer.faces.evaluation import equal_error_rate, interval, true_accepts_at

    genuine, impostor = measured.genuine, measured.impostor
    rates = {"eer": interval(lambda g, i: equal_error_rate(g, i)[0], genuine, impostor)}
    for name, far in FALSE_ACCEPTS.items():
        rates[name] = interval(partial(true_accepts_at, far=far), genuine, impostor)
    return rates


def _evaluation(measured: Measured, folds: Folds, rates: dict[str, Interval]) -> dict[str, Any]:
    from explorer.faces.evaluation import roc

    curve = roc(measured.genuine, measured.impostor, ROC_POINTS)
    return {
        "pairs": len(measured.distances),
        "accuracy": folds.accuracy,
        "accuracy_std": folds.std,
        "fold_accuracies": [float(value) for value in folds.accuracies],
        "eer": rates["eer"].value,
        "eer_interval": [rates["eer"].low, rates["eer"].high],
        "tar_at_far": {name: rates[name].value for name in FALSE_ACCEPTS},
        "tar_at_far_interval": {name: [rates[name].low, rates[name].high] for name in FALSE_ACCEPTS},
        "roc": [
            {"threshold": float(threshold), "far": float(false), "tar": float(true)}
            for threshold, false, true in zip(
                curve.thresholds, curve.false_accepts, curve.true_accepts, strict=True
            )
        ],
        "threshold": folds.threshold,
        "notes": _notes(measured),
        "undetected": len(measured.undetected),
        "undetected_files": [str(path) for path in measured.undetected],
        "ms_per_face": 1000 * measured.seconds_per_face,
    }


def _write_evaluation(measured: Measured, folds: Folds, rates: dict[str, Interval]) -> None:
    pairs = f"{len(measured.genuine):,} of one person, {len(measured.impostor):,} of two"
    tell(f"{paint(f'{len(measured.distances):,} pairs', Paint.STRONG)}: {pairs}")
    rows = [
        ("accuracy", _percent(folds.accuracy), f"± {_percent(folds.std)} over {len(folds.accuracies)} folds"),
        ("EER", *_figure(rates["eer"])),
        *[(f"TAR at FAR {name}", *_figure(rates[name])) for name in FALSE_ACCEPTS],
        ("threshold", f"{folds.threshold:.3f}", "squared L2, mean over the folds"),
        ("undetected", f"{len(measured.undetected)}", "pictures without a face; their pairs are errors"),
        ("time", f"{1000 * measured.seconds_per_face:.1f} ms", "a face: find, align, encode"),
    ]
    write_table(("Figure", "Value", ""), rows, frozenset({1}))
    for note in _notes(measured):
        tell(note)
    for path in measured.undetected:
        say(f"no face was found in '{path}'")


def _notes(measured: Measured) -> list[str]:
    """What these pairs are too few for."""
    notes = []
    for name, far in FALSE_ACCEPTS.items():
        needed = round(1 / far)
        if len(measured.impostor) < needed:
            notes.append(
                f"FAR {name} is one in {needed:,} pairs of two people and there are "
                f"{len(measured.impostor):,}: the TAR beside it is that of no false accept at all."
            )
    if min(len(measured.genuine), len(measured.impostor)) < FEW:
        notes.append("These are few pairs: look at the intervals, not at the figures.")
    return notes


def _figure(rate: Interval) -> tuple[str, str]:
    return _percent(rate.value), f"{_percent(rate.low)} to {_percent(rate.high)} (95 %)"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
