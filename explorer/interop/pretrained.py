"""torchvision's pretrained weights: found for a network, fetched with progress and checksum, given to it.

Addresses, classes and the pixels' mean and deviation are torchvision's own. Files are kept in our cache; one
that torch keeps in its own is used where it is.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.folders import cache_folder
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.tasks.fetching import CHUNK, stream
from explorer.tasks.job import Context

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.interop.weights import Report
    from explorer.network.operations import Change

#: torchvision's models whose layers a network of the zoo has in the same order, under the paper's names.
IN_ORDER = {"vgg16": "vgg16", "vgg19": "vgg19", "alexnet": "alexnet-owt"}
#: Networks of the zoo that are torchvision's of another name. What torchvision calls AlexNet is the one tower
#: of "One weird trick", and its GoogLeNet has batch norm; the papers' own have no weights there.
TWINS = {"alexnet-owt": "alexnet", "googlenet-bn": "googlenet"}
#: Taught with pixels that torchvision's own class first shifts to mean ½ and deviation ½.
_HALVES = ("googlenet", "inception_v3")
LEAST_SHARE = 0.5
"""Share of the tensors that have to fit: fewer, and it is another architecture."""


@dataclass(frozen=True)
class Offer:
    """Weights that torchvision has. `digest` is the beginning of the file's SHA-256."""

    model: str
    name: str
    url: str
    digest: str
    megabytes: float
    trained: Trained

    @property
    def file(self) -> str:
        return self.url.rpartition("/")[2]


def offer_for(network: Network) -> Offer | None:
    """What torchvision has for a network, told by its name; None where it has nothing, or for another one.

    That most of the tensors would fit is asked before anything is fetched: the paper's GoogLeNet is not
    torchvision's.
    """
    from torchvision import models

    wanted = next((model for twin, model in TWINS.items() if _is(network, twin)), _plain(network.name))
    for model in models.list_models():
        if _plain(model) == _plain(wanted):
            found = offer(model)
            return found if found is not None and _would_fit(network, found) else None
    return None


def _would_fit(network: Network, found: Offer) -> bool:
    from explorer.interop.torch_module import build
    from explorer.interop.torchvision_models import make

    theirs = _renamed(network, found, make(found.model).state_dict())
    ours = build(network, device="meta").state_dict()
    fitting = [name for name, value in ours.items() if name in theirs and theirs[name].shape == value.shape]
    return len(fitting) >= LEAST_SHARE * len(ours)


def offer(model: str, name: str = "DEFAULT") -> Offer | None:
    """The weights of that name for a model of torchvision; None if there are none. Raises UserError."""
    from torchvision import models

    if model not in models.list_models():
        raise UserError(f"torchvision has no model called '{model}'")
    weights: Any = models.get_model_weights(model)
    if not len(weights):
        return None
    if name not in (*weights.__members__, "DEFAULT"):
        raise UserError(f"{model} has no weights called '{name}'; there are {', '.join(weights.__members__)}")
    found = getattr(weights, name)
    digest = re.search(r"-([0-9a-f]{8,})\.", found.url)
    ready = found.transforms()
    mean, deviation = (tuple(getattr(ready, what, ())) for what in ("mean", "std"))
    if model in _HALVES:
        mean = deviation = (0.5, 0.5, 0.5)
    classes = tuple(found.meta.get("categories", ()))
    learned = "ImageNet" if len(classes) == 1000 else "torchvision's data"
    trained = Trained(f"{learned} (torchvision, {model} {found.name})", classes, mean, deviation)
    size = float(found.meta.get("_file_size", 0))
    return Offer(model, found.name, found.url, digest[1] if digest else "", size, trained)


def change_for(
    network: Network, context: Context | None = None, chosen: Offer | None = None
) -> tuple[Change, Report]:
    """The edit that gives a network torchvision's weights, and what of them did not fit. Raises UserError."""
    from explorer.interop.weights import match, read_state

    found = chosen or offer_for(network)
    if found is None:
        raise UserError(
            f"torchvision has no weights for {network.name} as it is; name some, as in torchvision:resnet50, "
            "or give a file"
        )
    path = fetched(found, context)
    state = _renamed(network, found, read_state(path))
    trained = found.trained
    change, report = match(network, state, trained, f"Load torchvision's weights of {found.model}")
    wanted = len(report.fitted) + len(report.missing) + len(report.misshapen)
    if len(report.fitted) < LEAST_SHARE * wanted:
        raise UserError(
            f"{network.name} is another network than torchvision's {found.model}: of {wanted} tensors only "
            f"{len(report.fitted)} have a place in it"
        )
    return change, report


def fetched(found: Offer, context: Context | None = None) -> Path:
    """The file of weights, from our cache or torch's, or fetched into ours. Raises UserError and Stopped."""
    folder = cache_folder() / "weights"
    for place in (folder, _torch_cache()):
        path = place / found.file
        if path.is_file() and _digest(path).startswith(found.digest):
            return path
    target = folder / found.file
    temporary = folder / f".{found.file}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        digest = stream(found.url, temporary, context, f"weights of {found.model}", "sha256")
        if not digest.startswith(found.digest):
            raise UserError(
                f"what came for the weights of {found.model} is another file than expected; try again"
            )
        temporary.replace(target)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise UserError(
            f"the weights of {found.model} could not be downloaded ({reason}); "
            f"look at the network connection, or put {found.file} into '{folder}'"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    return target


def is_here(found: Offer) -> bool:
    """Whether the file need not be fetched, by its name alone."""
    return any((place / found.file).is_file() for place in (cache_folder() / "weights", _torch_cache()))


def _torch_cache() -> Path:
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def _digest(path: Path) -> str:
    digest = hashlib.sha256(usedforsecurity=False)
    with open(path, "rb") as file:
        while chunk := file.read(16 * CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _is(network: Network, zoo_name: str) -> bool:
    """Whether it wears the name that a network of the zoo has."""
    from explorer.zoo import catalogue

    return _plain(network.name) == _plain(catalogue.find(zoo_name).title)


def _as_branches(name: str) -> str:
    """Torchvision's modules by number, under the zoo's names: `branch2.0` reduces, `branch2.1` follows."""
    return re.sub(r"(branch[234])\.1\.", r"\1.", re.sub(r"(branch[23])\.0\.", r"\1_reduce.", name))


def _renamed(network: Network, found: Offer, state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """The tensors under the zoo's names, where the network has these and not torchvision's."""
    if found.model == "googlenet" and _is(network, "googlenet-bn"):
        return {_as_branches(name): value for name, value in state.items()}
    twin = IN_ORDER.get(found.model)
    if twin is None or any(name.rpartition(".")[0] in network.paths for name in state):
        return state
    if twin in TWINS and not _is(network, twin):
        return state  # the paper's AlexNet has the same names, and most of the shapes
    from explorer.interop.torch_module import build
    from explorer.zoo import catalogue

    ours = list(build(catalogue.find(twin).build(), device="meta").state_dict().items())
    if [value.shape for _, value in ours] != [value.shape for value in state.values()]:
        return state
    theirs = dict(zip((name for name, _ in ours), state.values(), strict=True))
    return theirs
