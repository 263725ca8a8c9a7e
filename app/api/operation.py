"""What an operation of the API is: the schemas of what it takes and answers, which are also its documentation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeAlias

from flask import Response, current_app, make_response, request
from flask import json as flask_json

from app.api.callers import require_scope
from app.api.idempotency.repeating import once
from app.api.reading import FilePart, body_of, form_of, query_of
from app.api.schemas import Answer, Sent
from app.security.gate import open_to_everyone

JSON = "application/json"
MARK = "operation"

View: TypeAlias = Callable[..., Any]
Content: TypeAlias = "type[Answer] | str | None"  # a schema of JSON, a media type, or nothing


@dataclass(frozen=True, slots=True)
class Operation:
    """What one operation takes and answers.

    `scope` is None for one that is open to everyone. `answers` says what comes with which status; `problems` are the
    statuses of problem details beside those that follow from the rest (see `statuses`). `makes` operations take an
    Idempotency-Key.
    """

    summary: str
    scope: str | None
    answers: Mapping[int, Content]
    query: type[Sent] | None = None
    body: type[Sent] | None = None
    form: type[Sent] | None = None
    files: Mapping[str, FilePart] = field(default_factory=dict)
    problems: frozenset[int] = frozenset()
    makes: bool = False

    @property
    def takes_form(self) -> bool:
        """Whether a form is sent, if only for its files."""
        return self.form is not None or bool(self.files)

    def refusals(self, *, with_variables: bool) -> frozenset[int]:
        """Return the statuses of all problem details that the operation may answer."""
        found = {*self.problems, 503}
        if self.scope is not None:
            found |= {401, 403, 429}
        if with_variables:
            found.add(404)
        if self.query or self.makes:
            found.add(422)
        if self.query:
            found.add(414)
        if self.body or self.takes_form:
            found |= {400, 413, 415, 422}
        if self.makes:
            found |= {404, 409}
        return frozenset(found)


def operation(
    summary: str,
    *,
    scope: str | None,
    answers: Mapping[int, Content],
    query: type[Sent] | None = None,
    body: type[Sent] | None = None,
    form: type[Sent] | None = None,
    files: Mapping[str, FilePart] | None = None,
    problems: tuple[int, ...] = (),
    makes: bool = False,
) -> Callable[[View], View]:
    """Make a view an operation of the API: its scope is checked and what was sent is read before it is called.

    The view is given, beside the variables of its address, `query`, `body` and `form` where they are declared. What it
    returns is an Answer, an (Answer, status, headers), a finished Response, or None for 204.
    """
    described = Operation(summary, scope, answers, query, body, form, files or {}, frozenset(problems), makes)

    def marked(view: View) -> View:
        @wraps(view)
        def run(**variables: Any) -> Response:
            if scope is not None:
                require_scope(scope)

            def work() -> Response:
                return _answered(view(**variables, **_read(described)))

            return once(work) if makes else work()

        setattr(run, MARK, described)
        return open_to_everyone(run) if scope is None else run

    return marked


def operation_of(view: View | None) -> Operation | None:
    """Return what a view was marked with; None if it is no operation."""
    found: Operation | None = getattr(view, MARK, None)
    return found


def require_documented(response: Response) -> Response:
    """Raise AssertionError in tests if an operation answers with a status that its documentation doesn't know."""
    described = operation_of(current_app.view_functions.get(request.endpoint or ""))
    if described is not None and current_app.testing and request.method != "OPTIONS":
        variables = bool(request.url_rule and request.url_rule.arguments)
        known = {*described.answers, *described.refusals(with_variables=variables)}
        assert response.status_code in known, f"{request.endpoint} answers {response.status_code}"  # noqa: S101 - tests
    return response


def _read(described: Operation) -> dict[str, Sent]:
    found: dict[str, Sent] = {}
    if described.query is not None:
        found["query"] = query_of(described.query)
    if described.body is not None:
        found["body"] = body_of(described.body)
    if described.takes_form:
        form = form_of(described.form or Sent, described.files)
        found |= {} if described.form is None else {"form": form}
    return found


def _answered(result: Any) -> Response:
    """Make a response of what a view returned."""
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status=204)
    answer, status, headers = result if isinstance(result, tuple) else (result, 200, {})
    response = make_response(flask_json.dumps(answer.model_dump(mode="json")), status, headers)
    response.mimetype = JSON
    return response
