"""The settings of what classifies: the engine, its threads, and the processes that share the processors."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from app.processors import available_processors, fitted_threads


def _require_package(engine: str) -> str:
    """Refuse an engine whose package is missing."""
    if engine == "openvino" and find_spec(engine) is None:
        raise ValueError("the package openvino is missing: install the extra `engines`, or set it to litert")
    return engine


class InferenceSettings(BaseSettings):
    """Engine, threads and processes; see `config.Settings`."""

    web_workers: int = Field(2, ge=1, description="Processes of the web server.")
    inference_engine: Annotated[Literal["litert", "openvino", "auto"], AfterValidator(_require_package)] = Field(
        "litert",
        description="What runs the networks. `openvino`, of the extra `engines`, must answer the same as `litert`, "
        "which serves otherwise. `auto`: whichever of them is clearly faster here, by a measurement of a second that "
        "is kept in the instance folder.",
    )
    inference_threads: int = Field(
        0,
        ge=0,
        description="Threads of one classification. 0: by the processors that this machine or its container grants, "
        "and by the processes of the web server; at most 4.",
    )
    warm_up: bool = Field(
        True, description="Load the default classifier as soon as a web process starts, which is ready once it has."
    )

    @property
    def threads_of_inference(self) -> int:
        """Threads of one classification in a web process, which others run beside."""
        return self.inference_threads or fitted_threads(available_processors(), self.web_workers)

    @property
    def photographs_at_once(self) -> int:
        """Photographs that a worker classifies at a time, each on one thread."""
        return self.inference_threads or fitted_threads(available_processors(), processes=1)
