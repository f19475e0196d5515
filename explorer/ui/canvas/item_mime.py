"""What is dragged from the library: a MIME type and a small JSON payload."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from PySide6.QtCore import QByteArray, QMimeData

MIME_TYPE = "application/x-convnet-explorer-item"

ItemKind = Literal["layer", "block", "network", "saved"]


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of the library: `name` is a layer's class, a recipe's, a zoo network's, or a saved block's."""

    kind: ItemKind
    name: str


def encode(item: Item) -> QMimeData:
    """The MIME data of a drag. Keep a reference to it for as long as the drag lasts."""
    data = QMimeData()
    data.setData(MIME_TYPE, QByteArray(json.dumps(asdict(item)).encode()))
    return data


def decode(data: QMimeData) -> Item | None:
    """The item in a drag, or None if it is something else."""
    if not data.hasFormat(MIME_TYPE):
        return None
    try:
        payload = json.loads(bytes(data.data(MIME_TYPE).data()))
        kind, name = payload["kind"], payload["name"]
    except (ValueError, KeyError, TypeError):
        return None
    if kind not in get_args(ItemKind) or not isinstance(name, str):
        return None
    return Item(kind, name)
