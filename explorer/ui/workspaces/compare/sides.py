"""What can stand on either side: the open network, another tab, a classic network, a file, torchvision's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from explorer.network.errors import UserError
from explorer.network.graph import Network
from explorer.network.inference import Inference, infer
from explorer.session.session import OpenNetwork, Session
from explorer.zoo import catalogue, ledger

Kind = Literal["active", "tab", "zoo", "file", "torchvision", "code"]


class Side(NamedTuple):
    """One side of a comparison. `key` is a tab's number, a name or a path; "" for the active tab.

    Of kind "code" is what a file gave that runs code: it was asked for, run once, and is held by `bring`.
    """

    kind: Kind
    key: str = ""


ACTIVE = Side("active")
TORCHVISION = "torchvision:"
"""What a name of torchvision's is written behind, as on the command line."""
SLOW: tuple[Kind, ...] = ("file", "torchvision")
"""Sides that are read in a Job."""

_brought: dict[str, Inference] = {}

#: What a network is best held against, by zoo name: a relative that differs in one idea.
_RELATIVES = {
    "first-convnet": "lenet5",
    "lenet5": "lenet5-1998",
    "lenet5-1998": "lenet5",
    "alexnet": "zfnet",
    "alexnet-tower": "alexnet",
    "zfnet": "alexnet",
    "vgg16": "vgg19",
    "vgg19": "vgg16",
    "plain34": "resnet34",
    "resnet18": "resnet34",
    "resnet34": "plain34",
    "resnet34-a": "resnet34",
    "resnet34-c": "resnet34",
    "resnet50": "resnet101",
    "resnet101": "resnet152",
    "resnet152": "resnet101",
    "plain20": "resnet20",
    "resnet20": "plain20",
    "plain56": "resnet56",
    "resnet56": "plain56",
    "resnet110": "resnet56",
    "inception-naive": "inception-reduced",
    "inception-reduced": "inception-naive",
    "googlenet": "bn-inception",
    "bn-inception": "googlenet",
    "nin": "alexnet",
    "nin-cifar10": "plain20",
}


def open_tab(side: Side, session: Session) -> OpenNetwork | None:
    """The tab on that side, None where it is no tab or is closed by now."""
    if side.kind == "active":
        return session.active
    return next((tab for tab in session.tabs if side == Side("tab", str(tab.number))), None)


def title(side: Side, session: Session) -> str:
    """What a person calls it."""
    if side.kind == "zoo":
        return catalogue.find(side.key).title
    if side.kind in ("file", "code"):
        return Path(side.key).stem
    if side.kind == "torchvision":
        return f"{TORCHVISION}{side.key}"
    tab = open_tab(side, session)
    return tab.title if tab is not None else "Nothing open"


def numbers(side: Side, session: Session) -> Inference:
    """The network's numbers, read or built now. Raises UserError."""
    if side.kind == "zoo":
        return _classic(side.key)
    if side.kind == "code":
        return _brought[side.key]
    if side.kind == "file":
        return infer(_read(Path(side.key)))
    if side.kind == "torchvision":
        return infer(_foreign(f"{TORCHVISION}{side.key}"))
    tab = open_tab(side, session)
    if tab is None:
        raise UserError("That network is not open any more: choose another.")
    return tab.document.inference


def bring(text: str, network: Network) -> Side:
    """The side of what a source that runs code gave, read in a Job after it was asked for."""
    _brought[text] = infer(network)
    return Side("code", text)


@lru_cache(maxsize=8)
def _classic(name: str) -> Inference:
    """A classic network's numbers, kept: after every edit of the other side they are wanted again."""
    return infer(catalogue.find(name).build())


def _read(path: Path) -> Network:
    """The network in a file, none of which runs code that came with it. Raises UserError."""
    if path.suffix.lower() == ".convnet":
        from explorer.interop import projects

        return projects.load(path)
    return _foreign(str(path))


def _foreign(text: str) -> Network:
    """A network from outside, if reading it runs nobody's code. Raises UserError."""
    from explorer.interop import sources

    foreign = sources.parse(text)
    if foreign is None or foreign.executes:
        name = Path(text).name
        raise UserError(f"'{name}' is not of a kind that can be read here: open it in Build, then choose it.")
    network: Network = sources.read(foreign).network
    return network


def zoo_name(side: Side, session: Session) -> str:
    """The zoo name of a classic network, also of one that is open under its title; "" of any other."""
    if side.kind == "zoo":
        return side.key
    tab = open_tab(side, session)
    name = tab.document.network.name if tab is not None else ""
    return next((entry.name for entry in catalogue.entries() if entry.title == name), "")


def relative(side: Side, session: Session) -> Side:
    """What to compare with as long as nobody has said: another tab, or a network that differs in one idea."""
    mine = open_tab(side, session)
    others = [tab for tab in session.tabs if tab is not mine]
    if mine is not None and others:
        return Side("tab", str(others[-1].number))
    return Side("zoo", _RELATIVES.get(zoo_name(side, session), "resnet34"))


def published(sides: Sequence[Side], session: Session) -> list[ledger.Difference]:
    """What was published of these networks that differs from what comes out here."""
    names = dict.fromkeys(zoo_name(side, session) for side in sides)
    return [found for name in names if name for found in ledger.about(name)]
