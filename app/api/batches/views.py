"""Operations on batches: make one, add files, start, watch, cancel, take up again, delete."""

from __future__ import annotations

from flask import Blueprint, request, url_for

from app.api.batches.asking import rows_of, subject_of
from app.api.batches.schemas import (
    BatchAnswer,
    BatchProgress,
    BatchSent,
    FilesAnswer,
    SentFileAnswer,
)
from app.api.callers import caller
from app.api.idempotency.repeating import commit_made
from app.api.models.asked import known_model
from app.api.operation import operation
from app.api.paging import part_of
from app.api.reading import FilePart
from app.api.schemas import Page, PageQuery
from app.api.tokens.scopes import READ, WRITE
from app.batches import services
from app.batches.index import with_counts
from app.batches.progress import progress_of
from app.batches.selectors import batch_of, batches_of
from app.batches.sending.views import keep, largest, sent
from app.batches.tables import CANCELLED, FAILED, Batch
from app.extensions import db
from app.security.sizes import takes_up_to

blueprint = Blueprint("api_batches", __name__, url_prefix="/api/v1/batches")

FILES = FilePart(
    "Photographs, or zip files of them. The file's name may hold folders: `-F 'files=@1.jpg;filename=anna/1.jpg'`.",
    many=True,
)


@blueprint.get("")
@operation("List batches", scope=READ, answers={200: Page[BatchAnswer]}, query=PageQuery)
def index(query: PageQuery) -> Page[BatchAnswer]:
    """List your batches, the newest first."""
    session = db.session()
    batches, following = part_of(session, batches_of(caller()), Batch.id, query)
    return Page(items=[BatchAnswer.of(one) for one in with_counts(session, batches)], next=following)


@blueprint.post("")
@operation("Make a batch", scope=WRITE, answers={201: BatchProgress}, body=BatchSent, makes=True)
def new(body: BatchSent) -> tuple[BatchProgress, int, dict[str, str]]:
    """Make a batch that waits for its files: add them, then start it."""
    session = db.session()
    batch = services.create(
        session,
        author=caller(),
        label=body.label,
        model=known_model(body.model, "body", "/model"),
        subject=subject_of(session, body),
        rows=rows_of(body),
    )
    location = url_for("api_batches.show", public_id=batch.public_id)
    commit_made(location)
    return _progress(batch), 201, {"Location": location}


@blueprint.get("/<public_id:public_id>")
@operation("Show a batch", scope=READ, answers={200: BatchProgress})
def show(public_id: str) -> BatchProgress:
    """Answer how far a batch is. Once in two seconds is often enough to ask."""
    return _progress(_batch(public_id))


@blueprint.delete("/<public_id:public_id>")
@operation("Delete a batch", scope=WRITE, answers={204: None})
def delete(public_id: str) -> None:
    """Delete a batch and what it keeps; the tests that were made of it stay."""
    services.remove(db.session(), _batch(public_id))
    db.session.commit()


@blueprint.post("/<public_id:public_id>/files")
@takes_up_to(largest)
@operation(
    "Add files to a batch",
    scope=WRITE,
    answers={200: FilesAnswer},
    files={"files": FILES},
    problems=(409,),
)
def files(public_id: str) -> FilesAnswer:
    """Add photographs, as many as fit into a request, in as many requests as it takes.

    A file of the same name and size (out of a zip file: and content) that was sent before is kept once, so that any
    request may be sent again. A zip file that is damaged, or made to do harm, is refused whole, and its request.
    """
    received, kept = keep(_batch(public_id), sent(request.files.getlist("files")))
    new = {item.public_id for item in kept}
    return FilesAnswer(files=[SentFileAnswer.of(item, new=item.public_id in new) for item in received])


@blueprint.post("/<public_id:public_id>/start")
@operation("Start a batch", scope=WRITE, answers={200: BatchProgress}, problems=(409, 422))
def start(public_id: str) -> BatchProgress:
    """Let the work begin; the batch takes no more files then."""
    batch = _batch(public_id)
    services.start(db.session(), batch)
    return _done(batch)


@blueprint.post("/<public_id:public_id>/cancel")
@operation("Cancel a batch", scope=WRITE, answers={200: BatchProgress})
def cancel(public_id: str) -> BatchProgress:
    """Leave what still waits; what is being worked on is finished, and nothing that is done is lost."""
    batch = _batch(public_id)
    services.cancel(db.session(), batch)
    return _done(batch)


@blueprint.post("/<public_id:public_id>/resume")
@operation("Resume a batch", scope=WRITE, answers={200: BatchProgress})
def resume(public_id: str) -> BatchProgress:
    """Go on with what was cancelled, as far as it is still kept."""
    batch = _batch(public_id)
    services.take_up(db.session(), batch, CANCELLED)
    return _done(batch)


@blueprint.post("/<public_id:public_id>/retry")
@operation("Retry what failed", scope=WRITE, answers={200: BatchProgress})
def retry(public_id: str) -> BatchProgress:
    """Try again what failed, where that may help."""
    batch = _batch(public_id)
    services.take_up(db.session(), batch, FAILED)
    return _done(batch)


def _done(batch: Batch) -> BatchProgress:
    db.session.commit()
    return _progress(batch)


def _progress(batch: Batch) -> BatchProgress:
    return BatchProgress.at(batch, progress_of(db.session(), batch))


def _batch(public_id: str) -> Batch:
    return batch_of(db.session(), caller(), public_id)
