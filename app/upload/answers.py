"""What the form of a new test is answered: a page for a browser, the same in JSON for the page's script."""

from __future__ import annotations

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from wtforms import Form

from app.security.scripts import by_script, from_queue

CONFIRM = (
    "This is a DICOM file: what it says of the patient has to be confirmed. Save it, and choose it in the form of a "
    "new test."
)


def accepted(address: str, told: str | None) -> ResponseReturnValue:
    """Lead on to the result; `told` is for the next page, or for the queue's own list."""
    if from_queue():
        return {"address": address, "told": told}, 201
    if told:
        flash(told)
    return ({"address": address}, 201) if by_script() else redirect(address, 303)


def further_asked() -> ResponseReturnValue:
    """Say for a script that a page has to come first; one that is looked at sends the form for it as a browser does."""
    return ({"error": CONFIRM} if from_queue() else {}), 409


def refused(form: Form, trouble: str | None) -> dict[str, object]:
    """Say for a script why nothing was stored: all sentences in one, and those of each field."""
    fields = {name: [str(sentence) for sentence in sentences] for name, sentences in form.errors.items()}
    every = dict.fromkeys(sentence for sentences in fields.values() for sentence in sentences)
    return {"error": trouble or " ".join(every), "fields": fields}
