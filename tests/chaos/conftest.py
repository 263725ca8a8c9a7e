"""Sites on which faults are tried, each on a ground of its own, and the table of what came of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask_migrate import upgrade

from app import private
from app.extensions import db
from app.factory import create_app
from config import Settings
from tests import object_store, postgresql, redis_server
from tests.chaos.counting import Count, count
from tests.chaos.figures import Figures
from tests.chaos.scale import WHOLE
from tests.chaos.senders import Answered
from tests.chaos.sites import Servers, Site, site_on
from tests.chaos.time_passes import settle
from tests.conftest import MASTER_KEY
from tests.fakes import FakeClassifiers

Counted = Callable[[str, Site, list[Answered]], Count]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark every test of this folder, and leave to the whole what is marked so."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.chaos)
    left = [item for item in items if not WHOLE and item.get_closest_marker("whole")]
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def figures() -> Iterator[Figures]:
    """The table; it is written where all has been tried."""
    table = Figures()
    yield table
    table.write()


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory, _empty_database: Path) -> Iterator[Site]:
    """A site as one laptop has it."""
    folder = tmp_path_factory.mktemp("on-sqlite") / "instance"
    with_database(folder, _empty_database)
    site = site_on(folder)
    yield site
    site.end()


def with_database(folder: Path, empty: Path) -> None:
    """Put an empty database into the folder of an instance."""
    private.file(folder / "lentigo.sqlite3")
    shutil.copyfile(empty, folder / "lentigo.sqlite3")


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Servers that can be taken away: the tests' own, for others use theirs."""
    with postgresql.running(durable=True) as database, redis_server.running() as queue, object_store.running() as store:
        yield Servers(database, queue, store)


@pytest.fixture(scope="session")
def on_servers(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> Iterator[Site]:
    """A site as a hospital has it."""
    folder = tmp_path_factory.mktemp("on-servers") / "instance"
    settings = {
        "database_url": servers.database.make("lentigo"),
        "queue_url": servers.queue.address(),
        **servers.store.settings(),
    }
    with create_app(Settings(instance=folder, master_key=MASTER_KEY, **settings), FakeClassifiers()).app_context():
        upgrade()
        db.engine.dispose()
    site = site_on(folder, servers=servers, **settings)
    yield site
    site.end()


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    """The site on the ground that the test is for, with both programs running."""
    found: Site = request.getfixturevalue(request.param)
    return found.started()


@pytest.fixture
def counted(figures: Figures) -> Counted:
    """Let all work be done and time pass, compare what is there with what was answered, and note it in the table."""

    def compare(what: str, site: Site, answered: list[Answered]) -> Count:
        site.started()
        settle(site)
        found = count(site, answered)
        figures.add(what, site.ground, found)
        return found

    return compare
