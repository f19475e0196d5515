"""`explorer faces enrol, identify, list, delete`: the gallery; its key is never asked for."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.faces_reading import add_threshold, pipeline, read_face, warn
from explorer.cli.parsing import say
from explorer.cli.table import Paint, paint, tell, write_table
from explorer.network.errors import UserError

if TYPE_CHECKING:
    from explorer.faces.decision import Identification
    from explorer.faces.gallery.stored import StoredGallery
    from explorer.faces.pipeline import Reading

NO = 1


def add_verbs(verbs: Any) -> None:
    """The gallery's verbs, added to the parser's others."""
    enrol = _verb(verbs, "enrol", _enrol, "add a person, or more pictures of one, to the gallery")
    enrol.add_argument("name", metavar="NAME", help="who it is; they must have agreed")
    enrol.add_argument("images", nargs="+", metavar="IMAGE", help="pictures with one face each")
    identify = _verb(verbs, "identify", _identify, "who of the gallery is it; exit 1 if nobody")
    identify.add_argument("image", metavar="IMAGE", help="a picture with a face")
    add_threshold(identify, "stricter the more people there are")
    _verb(verbs, "list", _list, "the people of the gallery")
    delete = _verb(verbs, "delete", _delete, "take a person out of the gallery, for good")
    delete.add_argument("name", metavar="NAME", help="as 'explorer faces list' writes it")


def _verb(
    verbs: Any, name: str, call: Callable[[argparse.Namespace], int], text: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=text)
    parser.add_argument("--gallery", metavar="G", type=Path, help="a gallery file other than your own")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(call=call)
    return parser


@contextmanager
def _opened(path: Path | None, make: bool = False) -> Iterator[StoredGallery]:
    """The gallery; UserError if it is not there and is not to be made."""
    from explorer.faces.gallery import keys, stored

    path = stored.gallery_path() if path is None else path
    if not make and stored.lock_of(path) is None:
        raise UserError(f"there is no gallery at '{path}'; 'explorer faces enrol NAME IMAGE' makes it")
    gallery = stored.open_locked(path, keys.command_line_key)
    try:
        yield gallery
    finally:
        gallery.close()


def _enrol(args: argparse.Namespace) -> int:
    from explorer.faces.gallery.records import clean_name, record_of

    name = clean_name(args.name)
    readings = [_one_face(path) for path in args.images]
    with _opened(args.gallery, make=True) as gallery:
        doubts = _doubts(gallery, name, dict(zip(args.images, readings, strict=True)))
        others = _others(gallery, name, readings[0])
        gallery.add([record_of(name, reading, consent=True) for reading in readings])  # all or none
        count = next(person.count for person in gallery.people() if person.name == name)
    for path, reading in zip(args.images, readings, strict=True):
        warn(path, reading)
    for doubt in doubts:
        say(doubt)
    say(f"enrolled on your word that {name} agreed; 'explorer faces delete' takes it back")
    if args.json:
        hints = [[str(hint) for hint in reading.hints] for reading in readings]
        found = {**_identification(others), "name": name, "pictures": count}
        print(json.dumps({**found, "hints": hints, "warnings": doubts}))
    else:
        tell(f"{paint(name, Paint.STRONG)} is known by {count} picture{'s' if count > 1 else ''}.")
    return 0


def _one_face(path: str) -> Reading:
    reading = read_face(path)
    if reading.faces > 1:
        raise UserError(f"'{path}' shows {reading.faces} faces; cut out the one that is meant")
    return reading


def _others(gallery: StoredGallery, name: str, reading: Reading) -> Identification:
    """Who else of the gallery is nearest, before the person is in it."""
    from explorer.faces.decision import averaged, identify

    matrix, names = averaged(*gallery.embeddings(pipeline().encoder.version))
    kept = [place for place, known in enumerate(names) if known != name]
    return identify(reading.embedding, matrix[kept], [names[place] for place in kept])


def _doubts(gallery: StoredGallery, name: str, readings: dict[str, Reading]) -> list[str]:
    """Whether somebody else of the gallery looks the same, or the person's own pictures do not."""
    from explorer.faces.decision import THRESHOLD, distance, identify

    matrix, names = gallery.embeddings(pipeline().encoder.version)
    own = [row for row, known in zip(matrix, names, strict=True) if known == name]
    found = []
    for path, reading in readings.items():
        others = [known != name for known in names]
        alike = identify(
            reading.embedding, matrix[others], [known for known in names if known != name], THRESHOLD
        )
        if alike.name is not None:
            found.append(f"'{path}' looks like {alike.name} (distance {alike.distance:.3f}), who is enrolled")
        if own and min(distance(reading.embedding, row) for row in own) > THRESHOLD:
            found.append(f"'{path}' does not look like the pictures of {name} that are enrolled")
    return found


def _identify(args: argparse.Namespace) -> int:
    from explorer.faces.decision import averaged, identify

    reading = read_face(args.image)
    with _opened(args.gallery) as gallery:
        version = pipeline().encoder.version
        matrix, names = averaged(*gallery.embeddings(version))
        if gallery.outdated(version):
            say(f"{gallery.outdated(version)} pictures of another encoder are not compared")
    found = identify(reading.embedding, matrix, names, args.threshold)
    if args.json:
        print(json.dumps(_identification(found)))
        return 0 if found.name is not None else NO
    warn(args.image, reading)
    tell(paint(found.name or "Nobody of the gallery.", Paint.STRONG if found.name else Paint.WRONG))
    if found.candidates:
        relation = "at most" if found.name else "more than"
        tell(f"The nearest is {relation} {found.threshold:.3f} away, as {len(names)} enrolled ask for:")
        rows = [(candidate.name, f"{candidate.distance:.3f}") for candidate in found.candidates]
        write_table(("Person", "Distance"), rows, frozenset({1}))
    return 0 if found.name is not None else NO


def _identification(found: Identification) -> dict[str, Any]:
    return {
        "name": found.name,
        "distance": found.distance,
        "threshold": found.threshold,
        "candidates": [
            {"name": candidate.name, "distance": candidate.distance} for candidate in found.candidates
        ],
    }


def _list(args: argparse.Namespace) -> int:
    with _opened(args.gallery) as gallery:
        people = gallery.people()
    if args.json:
        rows = [
            {
                "name": person.name,
                "pictures": person.count,
                "created": person.created,
                "consent": person.consent,
            }
            for person in people
        ]
        print(json.dumps({"people": rows}))
    elif people:
        write_table(
            ("Person", "Pictures", "Since"),
            [(person.name, str(person.count), _day(person.created)) for person in people],
            frozenset({1}),
        )
    else:
        tell("Nobody is enrolled.")
    return 0


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d")


def _delete(args: argparse.Namespace) -> int:
    with _opened(args.gallery) as gallery:
        gallery.delete(args.name)
    if args.json:
        print(json.dumps({"name": args.name, "deleted": True}))
    else:
        tell(f"{args.name} is not in the gallery any more.")
    return 0
