"""The commands of docs/training-queue.md: each would be understood, and asks for what there is."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

import pytest

from models.architectures import ARCHITECTURES
from models.labels import task_of
from models.shell.parser import build_parser
from models.training import splits
from models.training.source_recipes import recipe_for

QUEUE = Path(__file__).parents[2] / "docs" / "training-queue.md"
PRETRAINED = {"resnet50", "inceptionv3", "mobilenetv2"}  # Keras has ImageNet weights of these
START = ".venv/bin/python -m models "
COMMANDS = [line.removeprefix(START) for line in QUEUE.read_text().splitlines() if line.startswith(START)]
TRAININGS = [command for command in COMMANDS if command.startswith(("train ", "sweep "))]


def understood(command: str) -> argparse.Namespace:
    return build_parser().parse_args(shlex.split(command))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_queue_is_understood(command: str) -> None:
    options = understood(command)

    assert options.name.rpartition("-")[0] in ARCHITECTURES


@pytest.mark.parametrize("command", TRAININGS)
def test_a_training_of_the_queue_has_recipe_split_and_backbone(command: str) -> None:
    options = understood(command)
    architecture = options.name.rpartition("-")[0]

    assert recipe_for(options.recipe, ARCHITECTURES[architecture]).epochs > 1
    assert splits.for_training(options.split or splits.usual(task_of(options.name)), task_of(options.name))
    pretrained = f"{architecture}.weights.h5" if architecture in PRETRAINED else None
    assert (None if options.init is None else options.init.name) == pretrained


def test_no_two_trainings_of_the_queue_write_to_one_folder() -> None:
    folders = [understood(command).out for command in TRAININGS]

    assert len(set(folders)) == len(folders) > 10
