"""The audit log: who did what, to whose record, when, from where; each event chained to the one before it.

The register says what is recorded of each endpoint, job and command (`register`). A change is recorded in the
transaction that makes it (`recording`), everything else before the answer leaves (`requests`). What is not seen there
is handed over::

    note(session, Event(SHARE, "app.interop.deliveries.jobs.deliver", subject_kind=TEST, subject_id=public_id))
    tell(tried=user.id)  # what only a view knows of the request that it answers
"""

from __future__ import annotations

from flask import Flask

from app.audit import cli, requests
from app.audit import jobs as jobs  # so that the worker knows them
from app.audit import keys as keys  # whose commands it looks at
from app.audit.doing import tell
from app.audit.events import Event
from app.audit.recording import note
from app.audit.subjects import names_patient_of

__all__ = ["Event", "init_app", "names_patient_of", "note", "tell"]


def init_app(app: Flask) -> None:
    """Record the requests of an application; to be called after all else that looks at requests."""
    requests.init_app(app)
    app.cli.add_command(cli.audit)
