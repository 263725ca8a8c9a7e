"""Asking again who somebody is, before what can't be undone or taken back: erasing, exporting, credentials.

A view that is marked `@asks_again` is reached only within minutes of the last proof. Whoever comes later is asked
first, and then goes on to what was wanted: a page or file is asked for again; a form is carried along by the page that
asks, and is sent with the proof. So nothing of it is kept here, nobody else can send it, and its token is checked as
ever.

A view that also takes forms shows its page freely, and asks when the form is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar

from flask import Flask, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from app.auth import throttle
from app.auth.admission import admitted_alone
from app.auth.passwords import current_passwords
from app.auth.sessions import current_sign_in, renew_session
from app.auth.tables import User
from app.clock import now
from app.errors import AppError, Remedy
from app.extensions import db
from app.security.gate import address_asked_for, by_token, way_back
from app.security.scripts import by_script

MARK = "asks_again"
PREFIX = "proof_"  # fields of the page that asks begin so
PASSWORD = "proof_password"  # noqa: S105 - the field
NOT_CARRIED = "csrf_token"  # the page has its own

View = TypeVar("View", bound=Callable[..., Any])
Check = Callable[[User, str], bool]


class Prover(NamedTuple):
    """How a person can prove it: whether what a field holds does, the sentence if it doesn't, and for whom."""

    is_right: Check
    wrong: str
    is_offered: Callable[[User], bool]


PROVERS: dict[str, Prover] = {}


class ProofNeededError(AppError):
    """A script asks for what needs a proof: a page has to ask for it."""

    status = 401
    title = "Please confirm that it is you"

    def __init__(self) -> None:
        super().__init__("Please confirm that it is you: reload the page and send it again.")
        self.remedy = Remedy("Confirm", url_for("auth.confirm"))


def asks_again(view: View) -> View:
    """Mark a view as one before which the person is asked for a proof, unless the last is recent."""
    setattr(view, MARK, True)
    return view


def proof(kind: str, *, wrong: str, offered: Callable[[User], bool]) -> Callable[[Check], Check]:
    """Make a function one that judges a kind of proof, sent in the field `proof_` + kind; it commits nothing.

    `offered` tells whether an account can prove it so.
    """

    def kept(check: Check) -> Check:
        PROVERS[PREFIX + kind] = Prover(check, wrong, offered)
        return check

    return kept


@proof("password", wrong="The password is not right.", offered=lambda _user: True)
def is_password(user: User, password: str) -> bool:
    """Tell whether a password is the person's."""
    return current_passwords().verify(user.password_hash, password)


def init_app(app: Flask) -> None:
    """Ask before every view that is marked, behind the gate and the check of forms."""
    app.before_request(_ask_first)


def recently_proved() -> bool:
    """Tell whether whoever is signed in has proved it recently enough."""
    row, minutes = current_sign_in(), current_app.config["SETTINGS"].proof_minutes
    return row is not None and row.proved_at + timedelta(minutes=minutes) > now()


def provers_of(user: User) -> dict[str, Prover]:
    """Return by what a person can prove it, by field: the second factors of the account; without any, the password."""
    factors = {field: prover for field, prover in PROVERS.items() if field != PASSWORD and prover.is_offered(user)}
    return factors or {PASSWORD: PROVERS[PASSWORD]}


def password_is_too_little() -> bool:
    """Tell whether whoever is signed in has a second factor, and has not proved it recently enough by that."""
    return not recently_proved() and PASSWORD not in provers_of(current_user)


def brought() -> bool:
    """Tell whether the form of this request brings a proof, right or wrong."""
    return any(field in request.form for field in PROVERS)


def problem_with_proof() -> str | None:
    """Take the proof of this request's form, and commit it; return what is wrong with it, None if nothing is.

    Attempts are counted for this sign-in alone: who guesses elsewhere can't keep the person waiting.
    """
    row = current_sign_in()
    provers = provers_of(current_user)
    field = next((field for field in provers if request.form.get(field)), None)
    if row is None or field is None:
        return "Please enter your password." if PASSWORD in provers else "Please enter a code."
    attempt = admitted_alone(f"proof:{row.public_id}")
    if not provers[field].is_right(current_user, request.form[field]):
        db.session.commit()  # what was learnt of it: a passkey may have been copied
        return provers[field].wrong
    throttle.forgive(db.session(), attempt)
    renew_session(proved_at=now())
    db.session.commit()
    return None


def problem_with_password(user: User, password: str) -> str | None:
    """Judge the person's present password, counted as proofs are; return what is wrong with it, None if nothing is."""
    row = current_sign_in()
    attempt = admitted_alone(f"proof:{row.public_id if row else ''}")
    if not is_password(user, password):
        return PROVERS[PREFIX + "password"].wrong
    throttle.forgive(db.session(), attempt)
    return None


def page(address: str, problem: str | None = None) -> Response:
    """Ask for a proof, in a page that sends it to an address with all that this request's form holds."""
    carried = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name != NOT_CARRIED and not name.startswith(PREFIX)
    ]
    shown = render_template(
        "auth/confirm.html", action=address, carried=carried, problem=problem, offered=provers_of(current_user)
    )
    return make_response(shown, HTTPStatus.UNAUTHORIZED if problem is None else HTTPStatus.UNPROCESSABLE_ENTITY)


def _ask_first() -> Response | None:
    """Go on to the view, or ask for a proof instead."""
    if not _is_marked() or by_token() or current_sign_in() is None or recently_proved():
        return None
    if by_script():
        raise ProofNeededError
    if request.method != "POST":
        return make_response(redirect(url_for("auth.confirm", next=way_back())))
    problem = problem_with_proof() if brought() else None
    return None if recently_proved() else page(address_asked_for(), problem)


def _is_marked() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    takes_forms = request.url_rule is not None and "POST" in (request.url_rule.methods or ())
    return getattr(view, MARK, False) is True and (request.method == "POST" or not takes_forms)
