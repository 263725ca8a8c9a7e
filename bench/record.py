"""``bench.json``: the figures of one run, with what they were measured on, so that runs can be compared."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figure import Figure
from models.engines.kept import processor, versions

SCHEMA = 1
PACKAGES = (
    "ai-edge-litert", "openvino", "onnxruntime", "tensorflow-cpu", "keras", "numpy", "flask", "gunicorn", "sqlalchemy",
    "pillow", "reportlab",
)  # fmt: skip


class RecordError(ValueError):
    """A file that holds no figures of a run, or of another schema."""


@dataclass(frozen=True, slots=True)
class Record:
    """The figures of a run by name, and the processor that they were measured on."""

    commit: str
    processor: str
    figures: Mapping[str, Figure]


def write(path: Path, parts: Mapping[str, Sequence[Figure]], arguments: Mapping[str, Any]) -> None:
    """Write the figures of a run, by part."""
    figures = [{"part": part, **_rounded(figure)} for part, found in parts.items() for figure in found]
    content = {
        "schema": SCHEMA,
        "commit": _git("rev-parse", "HEAD"),
        "changed_since": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "versions": {"python": platform.python_version(), **versions(PACKAGES)},
        "arguments": dict(arguments),
        "figures": figures,
    }
    path.write_text(json.dumps(content, indent=1) + "\n")


def read(path: Path) -> Record:
    """Read the figures of a run; RecordError if the file holds none."""
    try:
        content = json.loads(path.read_text())
        if content["schema"] != SCHEMA:
            raise RecordError(f"{path} is of schema {content['schema']}, not {SCHEMA}")
        figures = {figure.what: figure for figure in map(_figure, content["figures"])}
        return Record(str(content["commit"]), str(content["machine"]["processor"]), figures)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise RecordError(f"{path} holds no figures of a run: {error}") from error


def _rounded(figure: Figure) -> dict[str, Any]:
    samples = [float(f"{sample:.4g}") for sample in figure.samples]
    return {**asdict(figure), "value": float(f"{figure.value:.5g}"), "samples": samples}


def _git(*command: str) -> str:
    done = subprocess.run(["git", *command], check=False, capture_output=True, text=True)  # noqa: S607 - wherever it lies
    return done.stdout.strip()


def _machine() -> dict[str, Any]:
    """Return what the figures depend on, and nothing that tells whose machine it is."""
    memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    return {"processor": processor(), "memory_gb": memory, "system": f"{platform.system()} {platform.machine()}"}


def _figure(written: Mapping[str, Any]) -> Figure:
    return Figure(**{key: value for key, value in written.items() if key != "part"})
