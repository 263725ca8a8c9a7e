"""A database that the migrations are still to make."""

import pytest

from app.extensions import db
from app.factory import create_app
from tests.fakes import FakeClassifiers


@pytest.fixture
def empty_database(settings):
    """An application whose database has no tables, and its context."""
    app = create_app(settings, FakeClassifiers())
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()
