"""Jobs of the accounts."""

from __future__ import annotations

from app.auth import sign_ins
from app.auth.links import services as links
from app.auth.sessions import times
from app.clock import now
from app.extensions import db
from app.jobs import periodic


@periodic(minutes=30)
def sweep() -> None:
    """Remove the rows of sign-ins that are over, and of links that nobody has used in time."""
    sign_ins.sweep(db.session(), at=now(), times=times())
    links.sweep(db.session())
    db.session.commit()
