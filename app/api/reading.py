"""What a request says, as the schema of its operation has it; whatever does not fit is listed, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, get_origin

from flask import request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from app.api.schemas import Sent
from app.errors import AppError, NotFoundError

LARGEST_BODY = 4 * 1024 * 1024  # bytes of JSON: the rows of the largest batch take half of it
MOST_LISTED = 100  # errors

Model = TypeVar("Model", bound=Sent)


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file, or several under one name, that a form brings."""

    description: str
    required: bool = True
    many: bool = False


class InvalidRequestError(AppError):
    """Something that was sent doesn't fit its schema; `details` lists what."""

    status = 422
    kind = "invalid"
    title = "This can't be read"

    @classmethod
    def of(cls, place: str, name: str, detail: str) -> InvalidRequestError:
        """Make the error of one field."""
        return cls.of_all([{"place": place, "name": name, "detail": detail}])

    @classmethod
    def of_all(cls, errors: list[dict[str, str]]) -> InvalidRequestError:
        """Make the error of several fields."""
        error = cls("Something that was sent can't be read; “errors” says what.")
        error.details["errors"] = errors
        return error


class MalformedBodyError(AppError):
    """The body is no JSON, or no form, at all."""

    status = 400
    kind = "malformed"
    title = "This can't be read"


class BodyTooLargeError(AppError):
    """A body of JSON is larger than any operation needs."""

    status = 413
    kind = "body-too-large"
    title = "This is too large"


class MediaTypeError(AppError):
    """The body is of a kind that this operation does not take."""

    status = 415
    kind = "media-type"
    title = "This kind of content is not taken"


@contextmanager
def naming(place: str, name: str) -> Iterator[None]:
    """Say which field it was that named something which is not there: the address itself was found."""
    try:
        yield
    except NotFoundError as error:
        raise InvalidRequestError.of(place, name, error.message) from error


def query_of(model: type[Model]) -> Model:
    """Read the query; InvalidRequestError."""
    return _judged(model, "query", _flat(model, "query", request.args))


def body_of(model: type[Model]) -> Model:
    """Read the JSON body; MediaTypeError, MalformedBodyError, InvalidRequestError."""
    if not request.is_json:
        raise MediaTypeError("Send JSON, with “Content-Type: application/json”.")
    sent = request.get_data()
    if len(sent) > LARGEST_BODY:
        raise BodyTooLargeError("JSON may have up to 4 MB.")
    try:
        return model.model_validate_json(sent, strict=True)
    except ValidationError as error:
        if error.errors()[0]["type"] == "json_invalid":
            raise MalformedBodyError("The body is not JSON in UTF-8.") from error
        raise _listed("body", error) from error


def form_of(model: type[Model], files: Mapping[str, FilePart]) -> Model:
    """Read the fields of a form, and see that its files are there; MediaTypeError, InvalidRequestError."""
    if request.mimetype != "multipart/form-data":
        raise MediaTypeError("Send a form, with “Content-Type: multipart/form-data”.")
    _require_files(files)
    return _judged(model, "form", _flat(model, "form", request.form))


def _require_files(parts: Mapping[str, FilePart]) -> None:
    errors = []
    for name, part in parts.items():
        count = len(request.files.getlist(name))
        if part.required and not count:
            wrong = "sent as a plain field: send it as a file" if name in request.form else "missing"
            errors.append({"place": "file", "name": name, "detail": f"The file is {wrong}."})
        elif count > 1 and not part.many:
            errors.append({"place": "file", "name": name, "detail": "One file is taken."})
    unknown = [name for name in request.files if name not in parts]
    errors += [{"place": "file", "name": name, "detail": "No such file is taken."} for name in unknown]
    if errors:
        raise InvalidRequestError.of_all(errors)


def _flat(model: type[Model], place: str, sent: MultiDict[str, str]) -> dict[str, str | list[str]]:
    """Return what was sent by name, in a form if it is not blank; InvalidRequestError if a name comes twice."""
    flat: dict[str, str | list[str]] = {}
    for name, values in sent.lists():
        field = model.model_fields.get(name)
        if field is not None and get_origin(field.annotation) is list:
            flat[name] = values
        elif len(values) > 1:
            raise InvalidRequestError.of(place, name, "It was sent more than once.")
        elif values[0] or place == "query":
            flat[name] = values[0]
    return flat


def _judged(model: type[Model], place: str, sent: Mapping[str, object]) -> Model:
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise _listed(place, error) from error


def _listed(place: str, error: ValidationError) -> InvalidRequestError:
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    return InvalidRequestError.of_all([_named(place, problem) for problem in problems[:MOST_LISTED]])


def _named(place: str, problem: ErrorDetails) -> dict[str, str]:
    """Say what is wrong, without repeating what was sent: it may be about a patient."""
    parts = [str(part) for part in problem["loc"]]
    name = "".join(f"/{_escaped(part)}" for part in parts) if place == "body" else ".".join(parts)
    return {"place": place, "name": name, "detail": problem["msg"].removeprefix("Value error, ")}


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
