"""Published numbers against ours, and why they differ.

The lecture's numbers are as it prints them. `confirmed` is False where the published number was not checked
in its source and is said to be so wherever it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One published number. `network` is a zoo name, or empty where it is of no network; `layer` is the path
    of the layer whose number it is.
    """

    network: str
    what: str
    published: str
    by: str
    ours: str
    why: str
    layer: str = ""
    confirmed: bool = True

    def sentence(self) -> str:
        """For a person: what was published, what comes out here, and why."""
        doubt = "" if self.confirmed else " (not checked in the source)"
        return f"{self.what}: {self.by} says {self.published}{doubt}; here it is {self.ours}. {self.why}"


_LECTURE = "the lecture"

DIFFERENCES = (
    Difference(
        "",
        "'Same' convolution of 63×63 with 8 filters",
        "31752 feature maps",
        _LECTURE,
        "63·63·8 = 31,752 values in 8 feature maps",
        "A feature map is one filter's whole output, and there are 8 filters.",
    ),
    Difference(
        "",
        "'Valid' convolution of 63×63 with f = 3, s = 2",
        "30×30×8 = 7200",
        _LECTURE,
        "31×31×8 = 7,688",
        "⌊(63 − 3) / 2⌋ + 1 = 31: the formula adds one after the division.",
    ),
    Difference(
        "first-convnet",
        "Output of the max-pool",
        "13×13×10 = 1,690",
        _LECTURE,
        "14×14×10 = 1,960",
        "The 5×5 'valid' convolution of 32×32 gives 28×28, and pooling 2/2 halves that. "
        "13×13 is what a 30×30 or 31×31 picture would give, or 3×3/2 pooling.",
        layer="pool",
    ),
    Difference(
        "first-convnet",
        "Parameters",
        "338,460",
        _LECTURE,
        "392,460 = 260 + 392,200",
        "It follows from 1,960 instead of 1,690 inputs of the layer of 200. "
        "With a softmax layer of 10 classes behind it, 2,010 more, it would be 394,470.",
        layer="fc",
    ),
    Difference(
        "lenet5",
        "Parameters",
        "around 60k",
        _LECTURE,
        "61,706",
        "Today's form; the network as published (lenet5-1998) has exactly 60,000 that are trained.",
    ),
    Difference(
        "lenet5-1998",
        "Layers",
        "8",
        _LECTURE,
        "7 with the output (C1, S2, C3, S4, C5, F6, output)",
        "Eight would be the count with the input.",
    ),
    Difference(
        "alexnet",
        "Layers",
        "12, and 7 in its summary",
        _LECTURE,
        "8 with weights",
        "Five convolutions and three fully connected layers; pooling and normalization have no weights.",
    ),
    Difference(
        "alexnet",
        "Memory of the parameters",
        "~ 255 MB",
        _LECTURE,
        "243.9 MB (232.6 MiB)",
        "60,965,224 parameters of 4 bytes; no form of the network gives 255.",
    ),
    Difference(
        "alexnet",
        "Input",
        "224×224",
        "the paper",
        "227×227, as the lecture has it",
        "(224 − 11) / 4 is no whole number of steps; 227 gives the 55×55 of the paper's first layer.",
        confirmed=False,
    ),
    Difference(
        "vgg16",
        "Memory of the parameters",
        "522 MB",
        _LECTURE,
        "553.4 MB (527.8 MiB)",
        "138,357,544 parameters of 4 bytes.",
    ),
    Difference(
        "vgg19",
        "Parameters and their memory",
        "138 million (522 MB)",
        _LECTURE,
        "143,667,240 (574.7 MB, 548.0 MiB)",
        "The lecture gives VGG-16's number for both depths.",
    ),
    Difference(
        "googlenet",
        "Parameters",
        "4 million",
        _LECTURE,
        "6,998,552",
        "The sum over the layers of the paper's table, without the auxiliary heads.",
    ),
    Difference(
        "vgg16",
        "Share of the parameters in fully connected layers",
        "90 %",
        _LECTURE,
        "89.4 %",
        "AlexNet has 96.2 %, LeNet-5 95.8, ZFNet 94.0, VGG-19 86.1, GoogLeNet 14.6 and ResNet-50 8.0.",
    ),
    Difference(
        "prelunet-a",
        "Errors",
        "21.59 % and 5.71 %",
        "the paper's table",
        "none is shown",
        "They are of its model C, which is wider; this is model A.",
        confirmed=False,
    ),
    Difference(
        "deepface",
        "Parameters",
        "more than 120 million",
        "the paper",
        "118,923,774",
        "The sum over its layers, with the 4,030 people of the classifier.",
        confirmed=False,
    ),
    Difference(
        "facenet-nn1",
        "Parameters",
        "140 million",
        "the paper",
        "140,025,664",
        "The same, to the last one: maxout halves what a layer gives, not what it learns.",
        confirmed=False,
    ),
    Difference(
        "facenet-nn2",
        "Parameters",
        "7.5 million",
        "the paper",
        "7,456,304",
        "The same, rounded; batch norm would add 15,840.",
        confirmed=False,
    ),
    Difference(
        "",
        "A loss for verification by distance",
        "b inside the sum: Σ (w·|a − b| + b)",
        _LECTURE,
        "Σ w·|a − b| + b",
        "One bias is added once; inside the sum it would count once for each feature.",
    ),
    Difference(
        "",
        "The weighted χ² distance",
        "an index is missing",
        _LECTURE,
        "Σᵢ wᵢ·(aᵢ − bᵢ)² / (aᵢ + bᵢ), with 0/0 = 0",
        "The sum runs over the features, and each has its own weight.",
    ),
    Difference(
        "googlenet",
        "Layers",
        "19",
        _LECTURE,
        "22 with weights, one behind the other",
        "Three convolutions before the modules, two in each of nine modules, and the classifier.",
    ),
    Difference(
        "resnet34",
        "How the size shrinks",
        "with 'valid' padding",
        _LECTURE,
        "by stride 2",
        "All 3×3 convolutions are padded by 1; the first of a stage steps by 2, and so does its shortcut.",
    ),
    Difference(
        "resnet152",
        "Year",
        "2016",
        _LECTURE,
        "December 2015",
        "2016 is the year of the conference; the lecture's own summary has 2015.",
    ),
    Difference(
        "resnet152",
        "Top-5 error of the winning entry",
        "3.6 %",
        _LECTURE,
        "3.57 %, rounded",
        "It is of several networks together; this network alone has 4.49 %.",
        confirmed=False,
    ),
    *(
        Difference(
            name,
            "Multiply-accumulates",
            f"{flops} × 10⁹ FLOPs",
            "the paper",
            ours,
            "The paper's FLOPs are multiply-accumulates, with the stride on the first 1×1 convolution of a "
            "block; here, as in torchvision, it is on the 3×3.",
            confirmed=False,
        )
        for name, flops, ours in (
            ("resnet50", "3.86", "4.09 × 10⁹"),
            ("resnet101", "7.57", "7.80 × 10⁹"),
            ("resnet152", "11.28", "11.51 × 10⁹"),
        )
    ),
)


def about(network: str) -> tuple[Difference, ...]:
    """What is known to differ for a network of the zoo."""
    return tuple(difference for difference in DIFFERENCES if difference.network == network)
