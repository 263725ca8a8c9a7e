"""Pages of the audit log: search it, take what was found along, and one's own part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from flask import Blueprint, current_app, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Select

from app.audit import state
from app.audit.tables import AuditEvent
from app.auth.proof import asks_again
from app.auth.tables import User
from app.clinics.selectors import members_of
from app.clock import now
from app.extensions import db
from app.oversight.forms import LogForm
from app.oversight.selectors import Search, all_of, events_by, events_of_clinic, found, page_of
from app.oversight.wording import line_of, lines_of, names_of
from app.patients.selectors import patient_of
from app.security.downloads import download
from app.security.roles import for_overseers
from app.spreadsheet import Cell, csv_file

blueprint = Blueprint("oversight", __name__)

POSITION = re.compile(r"[0-9]{1,15}")
HEADINGS = (
    "number", "time_utc", "who", "account", "role", "action", "operation", "sentence", "outcome", "status", "kind",
    "subject", "patient", "channel", "address", "agent", "request", "details", "hash",
)  # fmt: skip


@blueprint.get("/audit")
@for_overseers
def index() -> ResponseReturnValue:
    """List what was done in the clinic, the newest first, as the form in the address asks for."""
    form, members = _form()
    if not form.validate():
        return render_template("oversight/index.html", form=form, lines=None), 400
    session, user = db.session(), _user()
    patient = patient_of(session, user, form.patient.data) if form.patient.data else None
    events, older = page_of(session, found(session, events_of_clinic(user), _search(form, members)), _before())
    return render_template(
        "oversight/index.html",
        form=form,
        patient=patient,
        lines=lines_of(session, user, events),
        older=events[-1].position if older else None,
        state=state.last_state(state.file_of(current_app.config["SETTINGS"])),
    )


@blueprint.get("/audit/events.csv")
@for_overseers
@asks_again
def export() -> ResponseReturnValue:
    """Answer what was found as CSV; the file's name tells nothing of anybody."""
    form, members = _form()
    if not form.validate():
        return render_template("oversight/index.html", form=form, lines=None), 400
    session, user = db.session(), _user()
    rows = _rows(found(session, events_of_clinic(user), _search(form, members)))
    return download(stream_with_context(csv_file(rows)), "text/csv", f"audit-{now():%Y-%m-%d}.csv")


@blueprint.get("/account/activity")
def own() -> ResponseReturnValue:
    """List what was done with the person's own account."""
    session, user = db.session(), _user()
    events, older = page_of(session, found(session, events_by(user), Search()), _before())
    lines = lines_of(session, user, events)
    return render_template("oversight/own.html", lines=lines, older=events[-1].position if older else None)


def _form() -> tuple[LogForm, Sequence[User]]:
    form, members = LogForm(request.args), db.session.scalars(members_of(_user())).all()
    form.offer(members)
    return form, members


def _search(form: LogForm, members: Sequence[User]) -> Search:
    person = next((member.id for member in members if member.public_id == form.person.data), None)
    return Search(
        actor_id=person,
        action=form.action.data or None,
        outcome=form.outcome.data or None,
        first=form.date_from.data,
        last=form.date_to.data,
        patient=form.patient.data or None,
    )


def _rows(events: Select[AuditEvent]) -> Iterator[Sequence[Cell]]:
    session = db.session()
    yield HEADINGS
    people: dict[int, str] = {}
    for event in all_of(session, events):
        if event.actor_id is not None and event.actor_id not in people:
            people |= names_of(session, {event.actor_id})
        line = line_of(event, people, {})
        yield (
            event.position, event.at.isoformat(timespec="seconds"), line.who, event.actor_id, event.role, event.action,
            event.operation, line.sentence, event.outcome, event.status, event.subject_kind, event.subject_id,
            event.patient_id, event.channel, event.address, event.agent, event.request_id, event.details, event.hash,
        )  # fmt: skip


def _before() -> int | None:
    """Return the position before which the page is to begin; None if the address doesn't say one."""
    written = request.args.get("before", "")
    return int(written) if POSITION.fullmatch(written) else None


def _user() -> User:
    user: User = current_user._get_current_object()
    return user
