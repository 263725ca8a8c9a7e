"""Verdicts on a test: say one, and see what was said."""

from __future__ import annotations

from flask import Blueprint, url_for

from app.api.callers import caller
from app.api.idempotency.repeating import commit_made
from app.api.operation import operation
from app.api.paging import id_cursor, id_of
from app.api.schemas import Page, PageQuery
from app.api.tokens.scopes import READ, WRITE
from app.api.verdicts.presentation import all_verdicts, id_of_number, number_of
from app.api.verdicts.schemas import NewVerdict, Verdict
from app.errors import AppError, NotFoundError
from app.extensions import db
from app.results.selectors import analysis_of
from app.results.tables import Analysis
from app.results.verdicts.records import Said
from app.results.verdicts.services import replace

blueprint = Blueprint("api_verdicts", __name__, url_prefix="/api/v1/predictions/<public_id:public_id>/verdicts")


class NothingSaidError(AppError):
    """A verdict was to be taken back where none was ever given."""

    status = 409
    kind = "nothing-to-take-back"
    title = "There is nothing to take back"


@blueprint.post("")
@operation("Say what the lesion is", scope=WRITE, answers={201: Verdict}, body=NewVerdict, makes=True)
def say(public_id: str, body: NewVerdict) -> tuple[Verdict, int, dict[str, str]]:
    """Record the caller's own assessment, or the confirmed diagnosis, with who and when.

    It takes the place of the one of its kind that was in force, which stays in the list. What is in force already is
    not recorded twice. Where the answer was hidden, an assessment uncovers it.
    """
    session, analysis = db.session(), _analysis(public_id)
    seen = None if body.replaces is None else id_of_number(session, analysis, body.replaces)
    said = Said(body.label, body.basis, body.found_on, body.note)
    recorded = replace(session, analysis, author=caller(), kind=body.kind, said=said, seen=seen)
    if recorded is None:
        raise NothingSaidError("Nothing of this kind was said of the lesion, so that nothing can be taken back.")
    number = number_of(session, analysis, recorded)
    location = url_for("api_verdicts.show", public_id=public_id, number=number)
    commit_made(location)
    return all_verdicts(session, analysis)[number - 1], 201, {"Location": location}


@blueprint.get("")
@operation("List what was said", scope=READ, answers={200: Page[Verdict]}, query=PageQuery)
def index(public_id: str, query: PageQuery) -> Page[Verdict]:
    """List all verdicts on the lesion of a test, of both kinds, the newest first."""
    verdicts = all_verdicts(db.session(), _analysis(public_id))[::-1]
    if query.cursor is not None:
        before = id_of(query.cursor)
        verdicts = [verdict for verdict in verdicts if verdict.number < before]
    page = verdicts[: query.limit]
    return Page[Verdict](items=page, next=id_cursor(page[-1].number) if len(verdicts) > len(page) else None)


@blueprint.get("/<public_id:number>")
@operation("Show one verdict", scope=READ, answers={200: Verdict})
def show(public_id: str, number: str) -> Verdict:
    """Answer one verdict by its number."""
    verdicts = all_verdicts(db.session(), _analysis(public_id))
    found = next((verdict for verdict in verdicts if str(verdict.number) == number), None)
    if found is None:
        raise NotFoundError("There is no such verdict.")
    return found


def _analysis(public_id: str) -> Analysis:
    return analysis_of(db.session(), caller(), public_id)
