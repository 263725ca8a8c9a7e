"""What others have reported, to be shown beside what is measured here: figures are the sources' own, none is ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# the protocol that leaks, and the one that groups the photographs of a lesion
HONEST: Mapping[str, str] = MappingProxyType({"ham7-random": "ham7-grouped", "binary-stock": "binary-grouped"})

ITS_OWN = "the publication that the network is taken from"
MEDMNIST = "Yang et al., Scientific Data 10:41, 2023"
MEDMNIST_PLUS = "Doerrich et al., Scientific Reports 15, 2025"
DERMAMNIST_C = "Abhishek et al., Scientific Data 12:196, 2025"
ISIC_2018 = "ISIC 2018 challenge, task 3, leaderboard of the test set"


@dataclass(frozen=True, slots=True)
class Published:
    """A figure as its source gives it.

    `split` is ours that comes nearest to the source's protocol; `classifier` is our build of the network, None where
    there is none. `figures` are named as `models.evaluation.metrics` does.
    """

    network: str
    split: str
    figures: Mapping[str, float]
    source: str
    classifier: str | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A figure on test photographs that are not ours: for orientation, not to be compared."""

    what: str
    figures: str
    source: str = ""


RANDOM = "ham7-random"
STOCK = "binary-stock"

NETWORKS: tuple[Published, ...] = (
    Published(
        "ResNet-50",
        RANDOM,
        {"accuracy": 0.8384, "weighted_f1": 0.83},
        ITS_OWN,
        "resnet50-ham7",
        "70 % of the images for training, 15 % for validation, 15 % for testing; AUC by class 0.91 to 1.00",
    ),
    Published(
        "MobileNet", RANDOM, {"accuracy": 0.7808}, ITS_OWN, "mobilenetv2-ham7", "beside ResNet-50; ours is MobileNetV2"
    ),
    Published("InceptionV3", RANDOM, {"accuracy": 0.8100}, ITS_OWN, "inceptionv3-ham7", "beside ResNet-50"),
    Published(
        "AlexNet",
        STOCK,
        {"accuracy": 0.85, "malignant_auc": 0.9321},
        ITS_OWN,
        "alexnet-binary",
        "8 : 2, a fifth of the training images for validation",
    ),
    Published("ResNet-50", STOCK, {"accuracy": 0.92}, ITS_OWN, "resnet50-binary"),
    Published("CNN opening with two 64-filter convolutions", STOCK, {"accuracy": 0.70}, ITS_OWN, "cnn64-binary"),
    Published("CNN of 6,427,745 parameters", STOCK, {"accuracy": 0.93}, ITS_OWN, "cnn6m-binary"),
    Published("CNN of 2,797,665 parameters", STOCK, {"accuracy": 0.74}, ITS_OWN, "cnn3m-binary"),
)

BENCHMARKS: tuple[Published, ...] = (
    Published("ResNet-18, 28 px, from scratch", "dermamnist", {"accuracy": 0.735, "macro_auc": 0.917}, MEDMNIST),
    Published("AlexNet, 224 px, from ImageNet", "dermamnist", {"accuracy": 0.820, "macro_auc": 0.961}, MEDMNIST_PLUS),
    Published("ResNet-18, 224 px, from ImageNet", "dermamnist", {"accuracy": 0.823, "macro_auc": 0.953}, MEDMNIST_PLUS),
    Published(
        "DenseNet-121, 224 px, from ImageNet", "dermamnist", {"accuracy": 0.847, "macro_auc": 0.963}, MEDMNIST_PLUS
    ),
    Published("ResNet-50, 224 px, from scratch", "dermamnist-c", {"accuracy": 0.847, "macro_auc": 0.948}, DERMAMNIST_C),
)

ORIENTATION: tuple[Elsewhere, ...] = (
    Elsewhere("Winner, trained on more than public data", "balanced accuracy 0.885", ISIC_2018),
    Elsewhere("Best on public data alone", "balanced accuracy 0.856", ISIC_2018),
    Elsewhere("Best open application on HAM10000, grouped by lesion", "accuracy 0.88, macro recall 0.80"),
    Elsewhere("Dermatologists, malignant against benign", "sensitivity 87 % at a specificity of 71 to 81 %"),
)
