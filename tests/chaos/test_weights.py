"""The file of a network is damaged: it never answers then, and what it has answered before it was damaged stands."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from app.results.tables import Analysis
from config import ROOT
from models.card import NETWORK
from tests.chaos.conftest import Counted, with_database
from tests.chaos.programs import REAL
from tests.chaos.senders import Answered, hash_of
from tests.chaos.sites import Site, site_on
from tests.fakes import NAME
from tests.pictures import lesion_picture, png

ALIKE = 0.01  # answers to photographs that differ in a pixel
WEIGHTS = ROOT / "models" / "weights"


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder of networks of the test's own: what serving needs of the default one, and of the outlines."""
    folder = tmp_path / "weights"
    for name in (NAME, "outline"):
        shutil.copytree(WEIGHTS / name, folder / name, ignore=shutil.ignore_patterns("*.weights.h5"))
    return folder


@pytest.fixture
def with_weights(tmp_path: Path, weights: Path, _empty_database: Path) -> Iterator[Site]:
    """A site that answers by those networks, not started yet."""
    folder = tmp_path / "instance"
    with_database(folder, _empty_database)
    site = site_on(folder, REAL, weights=str(weights), web_workers="1")
    yield site
    site.end()


def test_a_network_that_is_damaged_never_answers(with_weights: Site, weights: Path, counted: Counted) -> None:
    site, network = with_weights, weights / NAME / NETWORK
    whole = network.read_bytes()
    answered: list[Answered] = []

    damage(network)
    site.started()
    before_the_start, ready_then = send(site, answered), ready(site)
    network.write_bytes(whole)
    mended, ready_when_mended = send(site, answered), ready(site)
    damage(network)
    while_it_runs, ready_while_it_runs = send(site, answered), ready(site)
    site.web.stop()
    site.web.start()
    after_another_start = send(site, answered)
    network.write_bytes(whole)
    found = counted("a network's file damaged before the start, and while the site ran", site, answered)

    assert (before_the_start, mended, after_another_start) == (
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.CREATED,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
    assert (ready_then, ready_when_mended, ready_while_it_runs) == ("failed", "ok", "failed")
    assert while_it_runs in (HTTPStatus.CREATED, HTTPStatus.SERVICE_UNAVAILABLE)
    assert max(malignancies(site)) - min(malignancies(site)) < ALIKE  # what is in memory is not what was damaged
    assert found.flawless


def send(site: Site, answered: list[Answered]) -> int:
    """Send the same photograph as always, but for a pixel; return the status."""
    picture = lesion_picture(1)
    picture.putpixel((len(answered), 0), (0, 0, 0))
    headers = {"Authorization": f"Bearer {site.token}"}
    files = {"image": ("lesion.png", png(picture))}
    status = httpx.post(f"{site.web.address}/api/v1/predictions", headers=headers, files=files, timeout=60).status_code
    answered.append(Answered(hash_of(picture.tobytes()), status))
    return status


def ready(site: Site) -> str:
    """Return what the site says of its classifier."""
    return str(httpx.get(f"{site.web.address}/readyz", timeout=30).json()["checks"]["classifier"])


def damage(network: Path) -> None:
    """Change the file in place from its middle on, as a bad disk or a half-written copy does."""
    size = network.stat().st_size
    with network.open("r+b") as file:
        file.seek(size // 2)
        file.write(bytes(255 - byte for byte in network.read_bytes()[size // 2 :]))


def malignancies(site: Site) -> list[float]:
    """Return what was answered."""
    with site.session() as session:
        return list(session.scalars(select(Analysis.malignancy)))
