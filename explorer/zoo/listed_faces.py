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
    Entry(
        "dlib-face",
        "dlib face",
        2017,
        "Davis E. King",
        (3, 150, 150),
        5_614_592,
        270_854_144,
        "King: High quality face recognition with deep metric learning (dlib's blog, 2017); a ResNet-34 with "
        "fewer layers and half the filters",
        "dlib_face:dlib_face",
        note="Residual blocks whose halving skips are averages, padded with zeros. Ends in 128 numbers.",
    ),
)
