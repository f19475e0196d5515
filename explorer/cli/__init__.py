"""The command line: one module a verb, loaded only when it is called.

A verb's module has `add_arguments(parser)` and `run(args) -> int`, which gives the exit code:
0 done, 1 the answer is no, 2 wrong use.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """Where a verb lives and the line that `explorer --help` prints for it."""

    module: str
    help: str


VERBS: dict[str, Verb] = {
    "zoo": Verb("explorer.cli.zoo", "list the classic networks"),
    "summary": Verb("explorer.cli.summary", "the table of layers: sizes, parameters, MACs"),
    "explain": Verb("explorer.cli.explain", "the derivation of one layer's numbers"),
    "diff": Verb("explorer.cli.diff", "two networks aligned: what is the same, changed, added, removed"),
    "run": Verb("explorer.cli.run", "run a picture through a network"),
    "filter": Verb("explorer.cli.filter", "apply a kernel to a picture"),
    "export": Verb("explorer.cli.export", "write a network as code, ONNX, weights, a picture or a table"),
    "data": Verb("explorer.cli.data", "data sets to train on: what is here, what a download costs"),
    "train": Verb("explorer.cli.train", "train a network on pictures"),
    "runs": Verb("explorer.cli.runs", "the trainings that are kept"),
    "faces": Verb("explorer.cli.faces", "verify and recognise faces, keep a gallery, evaluate pairs"),
    "doctor": Verb("explorer.cli.doctor", "what works on this machine, and what to do about each fault"),
}
