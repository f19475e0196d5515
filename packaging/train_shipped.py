"""Trains the networks that ship, on the whole of Fashion-MNIST, and writes `assets/weights/`.

    apt-get download dataset-fashion-mnist && dpkg-deb -x dataset-fashion-mnist_*.deb unpacked
    python packaging/train_shipped.py unpacked/usr/share/datasets/fashion-mnist assets/weights

It takes the weights of the last epoch, not of the best one, so that the test pictures choose nothing; the
accuracy printed, and kept in each file, is that of these weights on the 10,000 test pictures. Names after the
two folders train only those; `--device cuda` is many times as fast as a processor.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from explorer.interop.torch_module import build
from explorer.learning import checkpoint, downloads
from explorer.learning.data_set import DataSet
from explorer.learning.events import Failed
from explorer.learning.loop import train
from explorer.learning.runs import RunStore
from explorer.learning.settings import changed
from explorer.learning.shipped import DATA, SHIPPED, Shipped
from explorer.learning.training_events import Started, TrainEpoch


def main() -> None:
    """Reads the folder that is named first, writes to the one that is named second."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="the folder with the four IDX files, packed or not")
    parser.add_argument("target", type=Path, help="where the safetensors go")
    parser.add_argument("names", nargs="*", help=f"of {', '.join(one.name for one in SHIPPED)} (all)")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--epochs", type=int, help="fewer, for a trial")
    args = parser.parse_args()
    data = downloads.load(DATA, args.data)
    args.target.mkdir(parents=True, exist_ok=True)
    for one in SHIPPED:
        if not args.names or one.name in args.names:
            _ship(one, data, args.target, args.device, args.epochs)


def _ship(one: Shipped, data: DataSet, target: Path, device: str, epochs: int | None) -> None:
    settings = changed(one.settings, {"device": device, **({} if epochs is None else {"epochs": epochs})})
    network, began, run = one.build(), time.perf_counter(), ""
    with tempfile.TemporaryDirectory(prefix="explorer-shipped-") as folder:
        store = RunStore(Path(folder))
        for event in train(network, data, settings, store=store):
            if isinstance(event, Started):
                run = event.run
            elif isinstance(event, TrainEpoch):
                print(
                    f"{one.name} {event.epoch}/{event.epochs} loss {event.loss:.4f} "
                    f"right {event.accuracy:.4f} test {event.val_accuracy:.4f} "
                    f"{event.images_per_second:,.0f}/s",
                    flush=True,
                )
            elif isinstance(event, Failed):
                raise SystemExit(f"{one.name}: {event.message}")
        last = store.checkpoint(run, "last")
    assert last is not None
    module = build(network)
    last.restore(module)
    about = last.about
    path = target / one.file
    path.write_bytes(
        checkpoint.spell(
            network,
            module,
            None,
            {
                "data": about.data,
                "fingerprint": about.fingerprint,
                "classes": about.classes,
                "scale": about.scale,
                "settings": about.settings,
                "position": about.position,
                "val_accuracy": about.val_accuracy,
            },
        )
    )
    seconds = time.perf_counter() - began
    print(f"{path}: {path.stat().st_size:,} bytes, test accuracy {about.val_accuracy:.4f}, {seconds:,.0f} s")


if __name__ == "__main__":
    main()
