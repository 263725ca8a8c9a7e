"""Operations on access tokens: say whose one is, list, revoke. None is made here: one that leaks must end some day."""

from __future__ import annotations

from flask import Blueprint

from app.api.access.schemas import CallerAnswer, TokenAnswer
from app.api.callers import caller, token_of_caller
from app.api.operation import operation
from app.api.paging import part_of
from app.api.schemas import Page, PageQuery
from app.api.tokens.scopes import ADMIN, READ
from app.api.tokens.selectors import token_of, tokens_of
from app.api.tokens.tables import AccessToken
from app.extensions import db
from app.security.roles import for_every_role

blueprint = Blueprint("api_access", __name__, url_prefix="/api/v1")


@blueprint.get("/me")
@operation("Say whose token this is", scope=READ, answers={200: CallerAnswer})
def me() -> CallerAnswer:
    """Answer whose the token is that came along, what it may do, and how long it lasts."""
    return CallerAnswer(name=caller().name, email=caller().email, token=TokenAnswer.of(token_of_caller()))


@blueprint.get("/tokens")
@operation("List access tokens", scope=ADMIN, answers={200: Page[TokenAnswer]}, query=PageQuery)
def index(query: PageQuery) -> Page[TokenAnswer]:
    """List your access tokens, the newest first. New ones are made on the page “Access tokens” only."""
    rows, following = part_of(db.session(), tokens_of(caller()), AccessToken.id, query)
    return Page(items=[TokenAnswer.of(row) for row in rows], next=following)


@blueprint.delete("/tokens/<public_id:public_id>")
@for_every_role
@operation("Revoke an access token", scope=ADMIN, answers={204: None})
def revoke(public_id: str) -> None:
    """Make a token worthless at once, be it the one that came along."""
    db.session.delete(token_of(db.session(), caller(), public_id))
    db.session.commit()
