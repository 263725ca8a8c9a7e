"""docs/api.md is true: its commands are typed into a terminal, in their order, against a real site."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.tokens.scopes import ADMIN
from app.auth.tables import User
from app.results.tables import Analysis
from config import ROOT
from tests.factories import make_token
from tests.pictures import jpeg, lesion_picture
from tests.serving import served

PAGE = (ROOT / "docs" / "api.md").read_text()
BLOCKS = re.compile(r"^```(sh|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    with served(app) as origin:
        yield origin


def test_every_command_on_the_page_does_what_it_says(site: str, session: Session, owner: User, tmp_path: Path) -> None:
    (tmp_path / "lesion.jpg").write_bytes(jpeg(lesion_picture()))
    shutil.copy(ROOT / "clients" / "python" / "lentigo_client.py", tmp_path)
    token = make_token(session, owner, scope=ADMIN)
    blocks = BLOCKS.findall(PAGE)
    commands = "\n".join(text for kind, text in blocks if kind == "sh")
    programs = [text for kind, text in blocks if kind == "python"]
    surroundings = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LENTIGO": site,
        "TOKEN": token,
    }

    typed = run(["bash", "-euo", "pipefail", "-c", commands], tmp_path, surroundings)
    written = [run([sys.executable, "-c", program], tmp_path, surroundings) for program in programs]

    assert '"accepted": true' in typed
    assert (tmp_path / "photograph.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "heatmap.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "ole.pdf").read_bytes().startswith(b"%PDF")
    assert "malignancy" in written[0]
    assert "\n422 " in written[0]
    assert (tmp_path / "results.csv").read_text().count("/1.jpg") == 2
    assert "lesion.jpg added" in written[1]
    names = sorted(session.scalars(select(Analysis.patient_name)))
    assert names == ["Ingrid Sørensen", "Ole Dahl", "anna", "cem", "lesion"]
    said = select(Analysis.assessment).where(Analysis.assessment.is_not(None))
    assert sorted(session.scalars(said)) == ["nv", "uncertain"]


def run(command: list[str], folder: Path, surroundings: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
