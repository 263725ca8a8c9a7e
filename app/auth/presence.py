"""Whether anybody is at work: noted at each page that a person asks for, and written at most once a minute."""

from __future__ import annotations

from flask import Flask, current_app, request

from app.auth import sign_ins
from app.auth.sessions import current_sign_in
from app.clock import now
from app.extensions import db
from app.security.gate import is_open
from app.security.scripts import from_queue
from app.unattended import is_unattended


def init_app(app: Flask) -> None:
    """Note it before every page, behind the gate."""
    app.before_request(_note)


def _note() -> None:
    row, at = current_sign_in(), now()
    if row is None or not _by_a_person() or not sign_ins.is_news(row, at):
        return
    sign_ins.note_seen(db.session(), row=row, at=at)
    db.session.commit()  # whatever becomes of the request, and no lock is held while it is answered


def _by_a_person() -> bool:
    """Tell what somebody asks for from what browsers and our scripts ask for by themselves."""
    endpoint = request.endpoint or ""
    view = current_app.view_functions.get(endpoint)
    return view is not None and not (is_unattended(view) or is_open(current_app, endpoint) or from_queue())
