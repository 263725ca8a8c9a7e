"""The code of the release works on the tables of today: during an update its servers go on for a while."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.auth.tables import User
from config import ROOT, Settings
from tests.factories import make_analysis, make_lesion, make_patient
from tests.postgresql import on_both

WALK = ROOT / "tests" / "migrations" / "old_code.py"
REVISION, TREE = (ROOT / "migrations" / "RELEASED").read_text().split()
PARTS = ("app", "config.py", "migrations", "models", "static", "templates", "tests/fakes.py", "tests/pictures.py")
LARGE = ("models/weights", "models/measurements")  # which no code depends on being its own


@pytest.fixture(scope="module")
def old_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the code of the release, out of the history: a clone that was cut off can't say anything."""
    if _git("cat-file", "-e", TREE).returncode:
        if _git("rev-parse", "--is-shallow-repository").stdout.strip() == b"false":
            pytest.fail(f"migrations/RELEASED names {TREE[:12]}, which no commit of the history holds")
        pytest.skip("the history does not reach back to the release: git fetch --unshallow")
    folder = tmp_path_factory.mktemp("old")
    without = (f":(exclude){large}" for large in LARGE)
    packed = _git("archive", TREE, "--", *PARTS, *without)
    packed.check_returncode()
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    for large in LARGE:
        (folder / large).symlink_to(ROOT / large)
    return folder


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=False)


@on_both
def test_the_released_code_works_on_the_tables_of_today(
    old_code: Path, session: Session, owner: User, settings: Settings
) -> None:
    patient = make_patient(session, owner)
    lesion = make_lesion(session, patient)
    analysis = make_analysis(session, owner, patient_id=patient.id, lesion_id=lesion.id)
    asked = {
        "instance": str(settings.instance),
        "master_key": settings.master_key,
        "database_url": settings.database,
        "email": owner.email,
        "analysis": analysis.public_id,
        "patient": patient.public_id,
    }

    done = subprocess.run(
        [sys.executable, str(WALK), str(old_code)],
        input=json.dumps(asked),
        cwd=old_code,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr[-4000:]


def test_the_release_has_the_migrations_that_it_says(old_code: Path) -> None:
    assert max(path.name for path in (old_code / "migrations" / "versions").glob("0*.py")).startswith(REVISION)
