"""What all schemas of the API share: what is sent is judged strictly, what is answered may grow."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from app.fields import tidied
from app.inference import SEXES, SITES
from app.visible import INVISIBLE, JOINERS, LINES

Row = TypeVar("Row")
DATED = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}")


def _zulu(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _readable(text: str, allowed: str) -> str:
    """Return a text as it is kept; ValueError if it has characters that can't be seen, or nothing else."""
    if any(unicodedata.category(character) in INVISIBLE and character not in allowed for character in text):
        raise ValueError("There are invisible characters in it")
    kept = tidied(text)
    if kept is None:
        raise ValueError("It is blank")
    return kept


def _utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("It lies outside the calendar") from error


class OneOf:
    """Takes one of some words, which the rest of the application keeps, and no other."""

    def __init__(self, *words: str) -> None:
        self._words = words

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of an enumeration."""
        return core_schema.literal_schema(list(self._words))


class OneLine:
    """Takes a line of so many characters, as it is sent and as it is kept: composing can lengthen it."""

    def __init__(self, longest: int) -> None:
        self._longest = longest

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of a text, tidied once it is known to be no longer than that."""
        return core_schema.no_info_after_validator_function(
            self._kept, core_schema.str_schema(max_length=self._longest)
        )

    def _kept(self, text: str) -> str:
        kept = _readable(text, JOINERS)
        if len(kept) > self._longest:
            raise ValueError(f"It has more than {self._longest} characters once its accents are composed")
        return kept


def must(rule: Callable[[Any], bool], sentence: str) -> AfterValidator:
    """Refuse, with a sentence, what doesn't hold to a rule."""

    def judged(value: Any) -> Any:
        if not rule(value):
            raise ValueError(sentence)
        return value

    return AfterValidator(judged)


def left_out() -> Any:
    """Be the default of what may be left out of a change, and is not None then: see `Sent.changes`."""
    return None


Sex = Annotated[str, OneOf(*SEXES)]
Site = Annotated[str, OneOf(*SITES)]
SOME_LINES = AfterValidator(lambda text: _readable(text.replace("\r\n", "\n"), JOINERS + LINES))


def _dated(text: object) -> object:
    """Refuse what is no date and time of day: a number would be read as seconds since 1970."""
    if isinstance(text, str) and not DATED.match(text):
        raise ValueError("Send a date and a time of day with its zone, as RFC 3339 writes them")
    return text


Moment = Annotated[
    datetime, PlainSerializer(_zulu), WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization")
]
SentMoment = Annotated[AwareDatetime, BeforeValidator(_dated), AfterValidator(_utc)]
Identifier = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9_-]+$", min_length=1, max_length=64, examples=["q3vX0bE2T4mW8sYc1aZk5g"])
]


class Sent(BaseModel):
    """What a program sends: fields that are not known are refused, so that a misspelt one is not overlooked."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, protected_namespaces=())

    @property
    def changes(self) -> dict[str, Any]:
        """What was sent, by name: what was left out is to stay as it is."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Answer(BaseModel):
    """What is answered: programs should overlook members that they don't know."""

    model_config = ConfigDict(frozen=True, from_attributes=True, protected_namespaces=())


class Page(Answer, Generic[Row]):
    """Part of a list: `next` is the cursor of the part that follows, null at the end."""

    items: list[Row]
    next: str | None = Field(description="Cursor of the next page; null on the last.", examples=[None])


class PageQuery(Sent):
    """Which part of a list."""

    limit: int = Field(50, ge=1, le=200, description="How many at most.")
    cursor: str | None = Field(None, max_length=200, description="The `next` of the page before.")


class FieldProblem(Answer):
    """What is wrong with one thing that was sent."""

    place: str = Field(description="Where it was sent: query, form, body or file.", examples=["form"])
    name: str = Field(description="The field; inside a JSON body a JSON pointer (RFC 6901).", examples=["age"])
    detail: str = Field(examples=["Input should be less than or equal to 120"])


class ProblemDetails(Answer):
    """An error (RFC 9457): `type` tells programs which, `detail` is a sentence for people."""

    type: str = Field(examples=["/api/docs#invalid"], description="about:blank where the status says it all.")
    title: str = Field(examples=["This can't be read"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["Something that was sent can't be read; “errors” says what."])
    instance: str = Field(examples=["/api/v1/predictions"])
    errors: list[FieldProblem] | None = Field(None, description="With `invalid`: everything that is wrong.")
