"""What is answered of access tokens."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.api.schemas import Answer, Identifier, Moment, OneOf
from app.api.tokens.scopes import ORDER
from app.api.tokens.tables import AccessToken

Scope = Annotated[str, OneOf(*ORDER)]


class TokenAnswer(Answer):
    """An access token, without the token itself."""

    id: Identifier
    name: str = Field(description="What it is for.", examples=["Practice software"])
    beginning: str = Field(description="Its first characters, to know it by.", examples=["lentigo_Jx0k"])
    scope: Scope
    created_at: Moment
    expires_at: Moment | None = Field(examples=["2026-06-12T09:00:00Z"], description="Null if it lasts until revoked.")
    expired: bool
    last_used_at: Moment | None

    @classmethod
    def of(cls, row: AccessToken) -> TokenAnswer:
        """Answer an access token."""
        return cls(
            id=row.public_id,
            name=row.name,
            beginning=row.shown,
            scope=row.scope,
            created_at=row.created_at,
            expires_at=row.expires_at,
            expired=row.expired,
            last_used_at=row.last_used_at,
        )


class CallerAnswer(Answer):
    """Who calls, and with what."""

    name: str = Field(description="Whose token it is.", examples=["Ada Berg"])
    email: str = Field(examples=["ada.berg@clinic.example"])
    token: TokenAnswer
