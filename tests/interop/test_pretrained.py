"""torchvision's weights: the right ones for each network, whole files only, and what is said without any."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from torch import Tensor

from explorer.interop import pretrained, torchvision_models
from explorer.interop.pretrained import Offer
from explorer.interop.torch_module import build
from explorer.interop.weights import match, ready
from explorer.network.edits import apply
from explorer.network.errors import UserError
from explorer.network.graph import Network, Trained
from explorer.tasks.job import Context, Mailbox, Stopped, StopToken
from explorer.zoo import catalogue


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A server on this machine's own loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as http:
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}/"
        http.shutdown()
        thread.join()


def lenet() -> Network:
    return catalogue.find("lenet5").build()


def learned() -> dict[str, Tensor]:
    return build(lenet(), seed=5).state_dict()


@pytest.fixture
def offered(tmp_path: Path) -> Iterator[Offer]:
    """Weights of LeNet-5, offered as torchvision offers its own."""
    folder = tmp_path / "server"
    folder.mkdir()
    torch.save(learned(), folder / "made.pth")
    digest = hashlib.sha256((folder / "made.pth").read_bytes()).hexdigest()[:8]
    (folder / "made.pth").rename(folder / f"lenet5-{digest}.pth")
    trained = Trained("made", ("a", "b"), (0.5,), (0.25,))
    with served(folder) as address:
        yield Offer("lenet5", "V1", f"{address}lenet5-{digest}.pth", digest, 0.2, trained)


def test_fetched_given_and_kept(offered: Offer) -> None:
    change, report = pretrained.change_for(lenet(), None, offered)
    assert report.complete
    network = apply(lenet(), change.edits)
    assert network.trained == offered.trained
    module, random = ready(network)
    assert not random
    assert all(module.state_dict()[name].equal(value) for name, value in learned().items())
    assert pretrained.is_here(offered)
    gone = Offer("lenet5", "V1", f"http://127.0.0.1:1/{offered.file}", offered.digest, 0.2, offered.trained)
    assert pretrained.fetched(gone).name == offered.file  # not asked for a second time


def test_another_file_than_expected_is_not_kept(offered: Offer) -> None:
    wrong = Offer("lenet5", "V1", offered.url, "00000000", 0.2, offered.trained)
    with pytest.raises(UserError, match="another file than expected"):
        pretrained.fetched(wrong)
    assert not pretrained.is_here(wrong)


def test_a_stop_leaves_nothing_behind(offered: Offer) -> None:
    token = StopToken()
    token.stop()
    with pytest.raises(Stopped):
        pretrained.fetched(offered, Context(Mailbox(lambda: None), token))
    assert not pretrained.is_here(offered)


def test_without_a_network_one_is_told_what_to_do() -> None:
    away = Offer("lenet5", "V1", "http://127.0.0.1:1/lenet5-0.pth", "0", 0.2, Trained("made"))
    with pytest.raises(UserError, match=r"could not be downloaded .*put lenet5-0.pth into"):
        pretrained.fetched(away)


def test_weights_of_another_network_are_refused(offered: Offer) -> None:
    with pytest.raises(UserError, match=r"fit|another network"):
        pretrained.change_for(catalogue.find("first-convnet").build(), None, offered)


def test_what_torchvision_offers() -> None:
    found = pretrained.offer_for(catalogue.find("resnet50").build())
    assert found is not None
    assert (found.model, found.name) == ("resnet50", "IMAGENET1K_V2")
    assert found.file.startswith("resnet50-")
    assert found.file.endswith(f"-{found.digest}.pth")
    assert len(found.trained.classes) == 1000
    assert found.trained.mean == (0.485, 0.456, 0.406)
    first = pretrained.offer("resnet50", "IMAGENET1K_V1")
    assert first is not None
    assert first.url != found.url
    assert pretrained.offer_for(catalogue.find("nin").build()) is None
    assert (
        pretrained.offer_for(catalogue.find("googlenet").build()) is None
    )  # the paper's, without batch norm
    assert pretrained.offer_for(catalogue.find("alexnet").build()) is None  # of 2012
    with pytest.raises(UserError, match="no weights called"):
        pretrained.offer("resnet50", "V9")
    with pytest.raises(UserError, match="torchvision has no weights"):
        pretrained.change_for(catalogue.find("nin").build())


@pytest.mark.parametrize(
    ("name", "model"),
    [
        *((f"resnet{depth}", f"resnet{depth}") for depth in (18, 34, 50, 101, 152)),
        ("vgg16", "vgg16"),
        ("vgg19", "vgg19"),
        ("alexnet-owt", "alexnet"),
        ("googlenet-bn", "googlenet"),
    ],
)
def test_every_tensor_of_torchvision_has_its_place_in_ours(name: str, model: str) -> None:
    network = catalogue.find(name).build()
    found = pretrained.offer_for(network)
    assert found is not None
    assert found.model == model
    with torch.device("meta"):
        theirs = torchvision_models.make(model).state_dict()
    state = pretrained._renamed(network, found, theirs)
    ours = build(network, device="meta").state_dict()
    assert {key: value.shape for key, value in state.items()} == {key: v.shape for key, v in ours.items()}


def test_the_papers_alexnet_takes_nothing_of_torchvisions() -> None:
    """Names and most shapes are the same; a network made of both would be neither."""
    found = pretrained.offer("alexnet")
    assert found is not None
    theirs = torchvision_models.make("alexnet").state_dict()
    for name in ("alexnet", "alexnet-tower"):
        network = catalogue.find(name).build()
        ours = build(network, device="meta").state_dict()
        assert not set(pretrained._renamed(network, found, theirs)) & set(ours)


@pytest.mark.parametrize(
    ("name", "model", "side"),
    [("resnet18", "resnet18", 64), ("alexnet-owt", "alexnet", 224), ("googlenet-bn", "googlenet", 96)],
)
def test_with_torchvisions_weights_ours_gives_what_torchvision_gives(
    name: str, model: str, side: int
) -> None:
    torch.manual_seed(0)
    theirs = torchvision_models.make(model).to_empty(device="cpu").eval()
    for key, value in theirs.state_dict().items():  # spread so that the scores still differ at the end
        if value.dim() > 1:
            torch.nn.init.kaiming_normal_(value)
        elif value.is_floating_point():
            value.uniform_(0.5, 1.5) if "var" in key or "weight" in key else value.uniform_(-0.1, 0.1)
    network = catalogue.find(name).build()
    found = pretrained.offer_for(network)
    assert found is not None
    change, report = match(network, pretrained._renamed(network, found, theirs.state_dict()), None)
    assert report.complete
    assert not report.unused
    ours, random = ready(apply(network, change.edits))
    assert not random
    x = torch.rand(1, 3, side, side)
    with torch.inference_mode():
        expected = theirs(x)
        assert expected.std() > 1e-3
        torch.testing.assert_close(ours.eval()(x), expected, rtol=1e-3, atol=1e-4 * float(expected.std()))
