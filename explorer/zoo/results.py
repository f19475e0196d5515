"""The lecture's table of results on ImageNet, each with what it is of.

Errors are fractions as the lecture prints them. The networks are those of the zoo, so that their sizes can
stand beside them; where a result is of a network that the zoo does not have, `networks` is empty. Which
results are of several networks together is not said in the lecture; `ensemble_confirmed` says whether it was
checked elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from explorer.zoo import catalogue

Split = Literal["validation", "test"]


@dataclass(frozen=True)
class Result:
    """One result.

    `networks` are the zoo names of what it is of; where they are several, the lecture does not say which.
    """

    name: str
    year: int
    makers: str
    top5: float
    top1: float | None = None
    networks: tuple[str, ...] = ()
    ensemble: bool = False
    split: Split = "validation"
    place: str = ""
    note: str = ""
    ensemble_confirmed: bool = True

    @property
    def parameters(self) -> float | None:
        """Of one network; between several of which it may be, the middle on a logarithmic axis."""
        return self._middle([entry.parameters for entry in self.entries])

    @property
    def macs(self) -> float | None:
        """Multiply-accumulates for one image and one network, as `parameters`."""
        return self._middle([entry.macs for entry in self.entries])

    @property
    def entries(self) -> tuple[catalogue.Entry, ...]:
        """The zoo's entries of `networks`."""
        return tuple(catalogue.find(name) for name in self.networks)

    @staticmethod
    def _middle(sizes: list[int]) -> float | None:
        if not sizes:
            return None
        product = 1.0
        for size in sizes:
            product *= size ** (1 / len(sizes))
        return product

    def story(self) -> str:
        """All that there is to say of it, in lines."""
        errors = f"top-5 error {percent(self.top5)}"
        if self.top1 is not None:
            errors += f", top-1 {percent(self.top1)}"
        kind = "several networks together" if self.ensemble else "one network"
        if self.ensemble and not self.ensemble_confirmed:
            kind += " (not confirmed)"
        where = "the test set †" if self.split == "test" else "the validation set"
        lines = [f"{self.name}, {self.year}", errors, f"{kind}, on {where}"]
        if self.place:
            lines.append(f"{self.place} in the challenge of {self.year}")
        lines.append(self.makers)
        if self.note:
            lines.append(self.note)
        return "\n".join(line for line in lines if line)


def percent(error: float) -> str:
    """An error as the lecture prints it: `5.71 %`."""
    return f"{100 * error:.2f}".rstrip("0").rstrip(".") + " %"


_HE = "Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun"
_VGG = "Karen Simonyan, Andrew Zisserman"
_BOTH = "Of which depth the lecture does not say: it is drawn between VGG-16 and VGG-19."

RESULTS = (
    Result(
        "AlexNet", 2012, "Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton", 0.153,
        networks=("alexnet",), ensemble=True, split="test", place="1st", ensemble_confirmed=False,
    ),
    Result("Runner-up of 2012", 2012, "", 0.262, split="test", place="2nd"),
    Result(
        "ZFNet", 2013, "Matthew Zeiler, Rob Fergus", 0.148,
        networks=("zfnet",), ensemble=True, split="test", place="1st", ensemble_confirmed=False,
    ),
    Result(
        "VGG", 2014, _VGG, 0.073, networks=("vgg16",), ensemble=True, split="test", place="2nd",
        ensemble_confirmed=False,
    ),
    Result("VGG, single", 2014, _VGG, 0.0843, networks=("vgg16", "vgg19"), split="test", note=_BOTH),
    Result("VGG v5", 2014, _VGG, 0.071, 0.244, networks=("vgg16", "vgg19"), note=_BOTH),
    Result(
        "GoogLeNet", 2014, "Christian Szegedy and others (Google)", 0.0667,
        networks=("googlenet",), ensemble=True, split="test", place="1st", ensemble_confirmed=False,
    ),
    Result(
        "GoogLeNet, single", 2014, "Christian Szegedy and others (Google)", 0.0789, networks=("googlenet",)
    ),
    Result(
        "PReLU-net", 2015, _HE, 0.0571, 0.2159,
        note="Model C, which is larger than the zoo's model A: its size is not known here.",
    ),
    Result(
        "BN-Inception", 2015, "Sergey Ioffe, Christian Szegedy", 0.0581, 0.2199, networks=("bn-inception",)
    ),
    Result("ResNet-34 B", 2015, _HE, 0.0571, 0.2184, networks=("resnet34",)),
    Result("ResNet-34 C", 2015, _HE, 0.0560, 0.2153, networks=("resnet34-c",)),
    Result("ResNet-50", 2015, _HE, 0.0525, 0.2074, networks=("resnet50",)),
    Result("ResNet-101", 2015, _HE, 0.0460, 0.1987, networks=("resnet101",)),
    Result("ResNet-152", 2015, _HE, 0.0449, 0.1938, networks=("resnet152",)),
    Result(
        "ResNets", 2015, _HE, 0.0357, networks=("resnet152",), ensemble=True, split="test", place="1st",
        note="Networks of several depths; the lecture rounds it to 3.6 % and names the deepest.",
    ),
)  # fmt: skip

PERSON = 0.051
"""Top-5 error of a person who had trained for it (Russakovsky et al. 2015, as He et al. 2015 quote it)."""
