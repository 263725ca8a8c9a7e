"""What can be done with reports: issue one, sign it. Nothing changes or removes one. The caller commits."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import AppError
from app.inference import Card
from app.reports.codes import grouped, new_code
from app.reports.files import pdf_key
from app.reports.prints import issue_of
from app.reports.records import Document, origin, sha256
from app.reports.selectors import next_version
from app.reports.tables import Report, Signature
from app.results.report.issue import Signed
from app.results.tables import Analysis
from app.storage import Storage

STATEMENT = "I have read this version of the report, and I answer for it."


class OvertakenError(AppError):
    """Something was done to the report, or to what it is about, between the look at it and the click."""

    status = 409
    title = "This has changed in the meantime"


class ReasonMissingError(AppError):
    """A signed report was to be replaced without saying why."""

    status = 422
    title = "Please say why"


def newest_of(session: Session, analysis: Analysis, kind: str) -> tuple[Report, Signature | None] | None:
    """Return the newest version of a kind that was issued of an analysis, with its signature."""
    joined = select(Report, Signature).outerjoin(Signature, Signature.report_id == Report.id)
    of_kind = joined.where(Report.analysis_id == analysis.id, Report.kind == kind).order_by(Report.version.desc())
    found = session.execute(of_kind.limit(1)).one_or_none()
    return None if found is None else (found[0], found[1])


def issue(
    session: Session,
    storage: Storage,
    *,
    analysis: Analysis,
    author: User,
    kind: str,
    document: Document,
    card: Card | None,
    verified_at: Callable[[str], str],
    reason: str | None = None,
) -> Report:
    """Keep a document as the next version of its kind, and flush the row.

    `verified_at` makes of a code the address that is printed. ReasonMissingError if the version before is signed and
    no `reason` was given; OvertakenError if another version was issued at the same time.
    """
    replaced = newest_of(session, analysis, kind)
    if replaced is not None and replaced[1] is not None and not reason:
        raise ReasonMissingError("A signed report is amended, not edited. Please say why it is replaced.")
    made_by = origin(analysis.model_name, analysis.model_version, card)
    report = Report(
        code=new_code(),
        analysis_id=analysis.id,
        kind=kind,
        version=1 if replaced is None else replaced[0].version + 1,
        reason=reason,
        issued_by=author.name,
        issued_at=now(),
        content=document.text,
        text_sha256=sha256(document.text.encode()),
        photograph_sha256=analysis.photograph_sha256,
        classifier=made_by.classifier,
        preprocessing=made_by.preprocessing,
        network_sha256=made_by.network_sha256,
        threshold=analysis.threshold,
    )
    pdf = document.drawn(issue_of(report, verified_at(grouped(report.code)), signed=None))
    report.pdf_sha256 = sha256(pdf)
    _kept(session, storage, report, pdf_key(analysis, report), pdf)
    return report


def sign(
    session: Session,
    storage: Storage,
    *,
    analysis: Analysis,
    report: Report,
    signer: User,
    document: Document,
    verified_at: Callable[[str], str],
) -> Signature:
    """Sign a report: the file that bears the signature is kept beside the one without, and is the final one.

    `document` is what the report would say now. OvertakenError if that is not what it says, if there is a later
    version, or if it is signed already.
    """
    if sha256(document.text.encode()) != report.text_sha256:
        raise OvertakenError(
            "The record has changed since this version was issued, so that it no longer says what is recorded. "
            "Please issue the report again, and sign that version."
        )
    if next_version(session, report) is not None:
        raise OvertakenError("A later version of this report was issued. Please sign that one.")
    signed = Signed(signer.name, now())
    pdf = document.drawn(issue_of(report, verified_at(grouped(report.code)), signed=signed))
    signature = Signature(
        report_id=report.id, signed_by=signed.name, signed_at=signed.at, statement=STATEMENT, pdf_sha256=sha256(pdf)
    )
    _kept(session, storage, signature, pdf_key(analysis, report, signed=True), pdf)
    return signature


def _kept(session: Session, storage: Storage, row: Report | Signature, key: str, pdf: bytes) -> None:
    """Flush a row, then write its file; OvertakenError, and the session rolled back, if somebody else was first.

    In this order, because only whose row stands may write: of two who sign, the second must not replace the file.
    """
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        session.rollback()
        raise OvertakenError("Somebody was quicker: please look at the report again.") from error
    storage.put(key, pdf)
