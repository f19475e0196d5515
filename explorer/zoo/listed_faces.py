"""The catalogue's encoders of faces."""

from __future__ import annotations

from explorer.zoo.entry import Entry

ENTRIES = (
    Entry(
        "sface",
        "SFace",
        2021,
        "Yaoyao Zhong, Weihong Deng, Jiani Hu, Dongyue Zhao, Xian Li, Dongchao Wen",
        (3, 112, 112),
        9_642_880,
        574_138_880,
        "Zhong et al.: SFace: Sigmoid-constrained hypersphere loss for robust face recognition (2021); "
        "the file of OpenCV's model zoo",
        "sface:sface",
        note="The encoder by which faces are verified here: a MobileNet v1 that ends in 128 numbers.",
    ),
)
