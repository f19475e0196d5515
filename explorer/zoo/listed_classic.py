"""The catalogue's networks without residual blocks."""

from __future__ import annotations

from explorer.zoo.entry import Entry

_LECTURE = "AC 209B, Advanced Section 2: Examples of convolutional neural networks"
_LENET = "LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition (1998)"
_ALEXNET = (
    "Krizhevsky, Sutskever, Hinton: ImageNet classification with deep convolutional neural networks (2012)"
)
_ZFNET = "Zeiler, Fergus: Visualizing and understanding convolutional networks (2013)"
_VGG = "Simonyan, Zisserman: Very deep convolutional networks for large-scale image recognition (2014)"
_NIN = "Lin, Chen, Yan: Network in network (2013)"
_GOOGLENET = "Szegedy et al.: Going deeper with convolutions (2014; CVPR 2015)"
_BN_INCEPTION = "Ioffe, Szegedy: Batch normalization (2015)"
_DEEPFACE = "Taigman, Yang, Ranzato, Wolf: DeepFace (CVPR 2014)"
_FACENET = "Schroff, Kalenichenko, Philbin: FaceNet (CVPR 2015)"
_PRELU = "He, Zhang, Ren, Sun: Delving deep into rectifiers (2015)"

_LENET_MAKERS = "Yann LeCun, Léon Bottou, Yoshua Bengio, Patrick Haffner"
_ALEXNET_MAKERS = "Alex Krizhevsky, Ilya Sutskever, Geoffrey Hinton"
_VGG_MAKERS = "Karen Simonyan, Andrew Zisserman"
_NIN_MAKERS = "Min Lin, Qiang Chen, Shuicheng Yan"
_GOOGLENET_MAKERS = "Christian Szegedy, Wei Liu, Yangqing Jia, Pierre Sermanet and others (Google)"

_IMAGENET = (3, 224, 224)
_ENSEMBLE = "The error is the challenge entry's (said to be several networks together; unconfirmed)."

ENTRIES = (
    Entry(
        "first-convnet",
        "First convnet",
        None,
        "Javier Zazo, Pavlos Protopapas",
        (1, 32, 32),
        392_460,
        588_000,
        _LECTURE,
        "first_convnet:first_convnet",
        note="The lecture's first network: one convolution, one pooling, one fully connected layer.",
    ),
    Entry(
        "lenet5-1998",
        "LeNet-5 (1998)",
        1998,
        _LENET_MAKERS,
        (1, 32, 32),
        60_000,
        325_680,
        _LENET,
        "lenet:lenet5_1998",
        note="As published: C3 sees parts of S2, subsampling has weights, the output is a fixed code.",
    ),
    Entry(
        "lenet5",
        "LeNet-5",
        1998,
        _LENET_MAKERS,
        (1, 32, 32),
        61_706,
        416_520,
        _LENET,
        "lenet:lenet5",
        note="The form that is built today: whole convolutions, average pooling, ten class scores.",
    ),
    Entry(
        "alexnet",
        "AlexNet",
        2012,
        _ALEXNET_MAKERS,
        (3, 227, 227),
        60_965_224,
        724_406_816,
        _ALEXNET,
        "alexnet:alexnet",
        top5_error=0.153,
        place="1st",
        note=_ENSEMBLE,
    ),
    Entry(
        "alexnet-tower",
        "AlexNet, one tower",
        2012,
        _ALEXNET_MAKERS,
        (3, 227, 227),
        62_378_344,
        1_135_256_096,
        _ALEXNET,
        "alexnet:alexnet_tower",
        note="The same layers without the two groups that shared the work between two GPUs.",
    ),
    Entry(
        "zfnet",
        "ZFNet",
        2013,
        "Matthew Zeiler, Rob Fergus",
        _IMAGENET,
        62_357_608,
        1_168_032_896,
        _ZFNET,
        "zfnet:zfnet",
        top5_error=0.148,
        place="1st",
        note=_ENSEMBLE,
    ),
    Entry(
        "vgg16",
        "VGG-16",
        2014,
        _VGG_MAKERS,
        _IMAGENET,
        138_357_544,
        15_470_264_320,
        _VGG,
        "vgg:vgg16",
        top5_error=0.073,
        place="2nd",
        note=_ENSEMBLE,
    ),
    Entry(
        "vgg19",
        "VGG-19",
        2014,
        _VGG_MAKERS,
        _IMAGENET,
        143_667_240,
        19_632_062_464,
        _VGG,
        "vgg:vgg19",
        note="The lecture's 24.4 % and 7.1 % for 'VGG (v5)' do not say of which depth they are.",
    ),
    Entry(
        "nin",
        "NiN",
        2013,
        _NIN_MAKERS,
        (3, 227, 227),
        7_595_176,
        1_105_996_320,
        _NIN,
        "nin:nin",
        note="Network in network for ImageNet: global average pooling instead of a fully connected layer.",
    ),
    Entry(
        "nin-cifar10",
        "NiN, CIFAR-10",
        2013,
        _NIN_MAKERS,
        (3, 32, 32),
        966_986,
        222_486_528,
        _NIN,
        "nin:nin_cifar10",
    ),
    Entry(
        "inception-naive",
        "Inception, naive",
        2014,
        _GOOGLENET_MAKERS,
        (192, 28, 28),
        387_296,
        303_464_448,
        _GOOGLENET,
        "googlenet:inception_naive",
        note="Module 3a of GoogLeNet without reductions: 416 channels come out.",
    ),
    Entry(
        "inception-reduced",
        "Inception, reduced",
        2014,
        _GOOGLENET_MAKERS,
        (192, 28, 28),
        163_696,
        128_049_152,
        _GOOGLENET,
        "googlenet:inception_reduced",
        note="Module 3a of GoogLeNet: 256 channels come out.",
    ),
    Entry(
        "googlenet",
        "GoogLeNet",
        2014,
        _GOOGLENET_MAKERS,
        _IMAGENET,
        6_998_552,
        1_582_671_872,
        _GOOGLENET,
        "googlenet:googlenet",
        top5_error=0.0667,
        place="1st",
        note=f"Without the auxiliary heads. {_ENSEMBLE} Another table of the lecture has 7.89 %.",
    ),
    Entry(
        "prelunet-a",
        "PReLU-net A",
        2015,
        "Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun",
        _IMAGENET,
        178_032_072,
        19_058_106_368,
        _PRELU,
        "prelunet:prelunet_a",
        note="Model A. The 21.59 % and 5.71 % of the lecture's table are of the larger model C.",
    ),
    Entry(
        "bn-inception",
        "BN-Inception",
        2015,
        "Sergey Ioffe, Christian Szegedy",
        _IMAGENET,
        11_285_224,
        2_032_600_064,
        _BN_INCEPTION,
        "bn_inception:bn_inception",
        top1_error=0.2199,
        top5_error=0.0581,
        note="Without biases before batch norm; with them it has 11,295,240 parameters.",
    ),
    Entry(
        "deepface",
        "DeepFace",
        2014,
        "Yaniv Taigman, Ming Yang, Marc'Aurelio Ranzato, Lior Wolf",
        (3, 152, 152),
        118_923_774,
        517_624_448,
        _DEEPFACE,
        "deepface:deepface",
        note="Faces of 4,030 people; three layers whose weights are not shared across the face.",
    ),
    Entry(
        "facenet-nn2",
        "FaceNet NN2",
        2015,
        "Florian Schroff, Dmitry Kalenichenko, James Philbin",
        _IMAGENET,
        7_456_304,
        1_596_530_688,
        _FACENET,
        "facenet:facenet_nn2",
        note="With biases and without batch norm, which would make it 7,472,144 parameters.",
    ),
)
