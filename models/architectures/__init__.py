"""The networks of the literature, one builder each, by architecture name."""

from __future__ import annotations

from models.architectures.alexnet import ALEXNET
from models.architectures.base import Architecture, build_network
from models.architectures.cnn import CNN_3M, CNN_6M, CNN_64
from models.architectures.efficientnet_lite import EFFICIENTNET_LITE0
from models.architectures.inception_v3 import INCEPTION_V3
from models.architectures.mobilenet_v2 import MOBILENET_V2
from models.architectures.resnet50 import RESNET50

ARCHITECTURES: dict[str, Architecture] = {
    architecture.name: architecture
    for architecture in (RESNET50, ALEXNET, MOBILENET_V2, EFFICIENTNET_LITE0, INCEPTION_V3, CNN_64, CNN_6M, CNN_3M)
}

__all__ = ["ARCHITECTURES", "Architecture", "build_network"]
