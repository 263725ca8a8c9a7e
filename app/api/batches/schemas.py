"""What is sent and answered of batches."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.api.predictions.schemas import ListedPrediction
from app.api.schemas import Answer, Identifier, Moment, OneLine, OneOf, PageQuery, Sent, Sex, Site
from app.batches.index import Listed
from app.batches.progress import FINISHED, SENDING, STOPPED, WORKING, Progress
from app.batches.ranking import ORDERS, SUSPICIOUS
from app.batches.sending.naming import FILE, FOLDER, ONE, SHEET
from app.batches.tables import DONE, STATES, Batch, BatchItem
from app.decoding.names import LONGEST_NAME
from app.inference import OLDEST
from app.patients import rules

Label = Annotated[str, OneLine(120), Field(examples=["Mole check, March"])]
Name = Annotated[str, OneLine(rules.LONGEST_NAME), Field(examples=["Ingrid Sørensen"])]
Age = Annotated[int, Field(ge=0, le=OLDEST, examples=[54])]
Naming = Annotated[str, OneOf(ONE, FOLDER, FILE, SHEET)]
NAMING = (
    "Who is photographed where no row says so: `one` patient for all (`patient` or `patient_name`), as each `folder` "
    "is called, as each `file` is called, or only who the rows say (`sheet`)."
)
EXAMPLE: JsonDict = {
    "label": "Mole check, March",
    "naming": "folder",
    "rows": [{"file": "anna/1.jpg", "age": 54, "sex": "female", "body_site": "back"}],
}
ADDED, THERE, REFUSED = OUTCOMES = ("added", "there", "refused")


class RowSent(Sent):
    """What is known of one file, as a line of a spreadsheet has it."""

    file: str = Field(
        min_length=1,
        max_length=4 * LONGEST_NAME,
        examples=["anna/1.jpg"],
        description="Its name, with as many folders as tell it from others; the ending may be left out.",
    )
    patient_name: Name | None = None
    age: Age | None = None
    sex: Sex | None = None
    body_site: Site | None = None


class BatchSent(Sent):
    """A new batch, before its files are sent."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    label: Label | None = None
    model: str | None = Field(
        None, max_length=64, examples=["mobilenetv2-ham7"], description="Classifier; left out, the site's default."
    )
    naming: Naming = Field(ONE, description=NAMING)
    patient: Identifier | None = Field(None, description="With `one`: the patient whose photographs they are.")
    patient_name: Name | None = Field(None, description="With `one`, in place of `patient`.")
    rows: list[RowSent] = Field([], description="In place of the spreadsheet of the page.")


class CountsAnswer(Answer):
    """How many files are in which state."""

    waiting: int = Field(examples=[20])
    running: int = Field(examples=[4])
    done: int = Field(examples=[175])
    failed: int = Field(examples=[1])
    cancelled: int = Field(examples=[0])
    total: int = Field(examples=[200])


class BatchAnswer(Answer):
    """A batch and how many of its files are in which state."""

    id: Identifier
    label: str | None = Field(examples=["Mole check, March"])
    model: str = Field(examples=["mobilenetv2-ham7"])
    naming: Naming = Field(description=NAMING, examples=[FOLDER])
    state: Annotated[str, OneOf(SENDING, WORKING, FINISHED, STOPPED)] = Field(examples=[WORKING])
    counts: CountsAnswer
    created_at: Moment
    started_at: Moment | None = Field(description="Null while files may be added.")

    @classmethod
    def of(cls, listed: Listed) -> BatchAnswer:
        """Answer a batch as lists have it."""
        return cls(state=listed.state, counts=CountsAnswer.model_validate(listed.counts), **_written(listed.batch))


class BatchProgress(BatchAnswer):
    """A batch at this moment."""

    per_minute: float | None = Field(examples=[96.4], description="Files finished a minute; null while not known.")
    seconds_left: float | None = Field(examples=[14.9], description="What is left at this rate; null while not known.")
    quiet: bool = Field(description="Files wait, and none was finished for a while: the worker may be away.")
    retryable: int = Field(examples=[0], description="Failed files that another attempt may mend: see retry.")
    resumable: int = Field(examples=[0], description="Cancelled files that are still kept: see resume.")
    unmatched: list[str] = Field(examples=[[]], description="Files of rows that were not sent; the first fifty.")

    @classmethod
    def at(cls, batch: Batch, progress: Progress) -> BatchProgress:
        """Answer how far a batch is."""
        return cls(
            state=progress.state,
            counts=CountsAnswer.model_validate(progress.counts),
            per_minute=progress.per_minute,
            seconds_left=progress.seconds_left,
            quiet=progress.quiet,
            retryable=progress.retryable,
            resumable=progress.resumable,
            unmatched=batch.unmatched,
            **_written(batch),
        )


class SentFileAnswer(Answer):
    """What became of one file that was sent."""

    name: str = Field(examples=["anna/1.jpg"])
    outcome: Annotated[str, OneOf(*OUTCOMES)] = Field(
        description="It was added, was there before, or is no photograph that can be analysed."
    )
    reason: str | None = Field(examples=[None], description="Why it was refused.")

    @classmethod
    def of(cls, item: BatchItem, *, new: bool) -> SentFileAnswer:
        """Answer what became of a file that is kept now, and is new or not."""
        outcome = THERE if not new else ADDED if item.reason is None else REFUSED
        return cls(name=item.name, outcome=outcome, reason=item.reason)


class FilesAnswer(Answer):
    """What became of the files of one request, zip files unpacked; what systems put beside them is left out."""

    files: list[SentFileAnswer]


class ResultsQuery(PageQuery):
    """Which files of a batch, in which order."""

    order: Annotated[str, OneOf(*ORDERS)] = Field(
        SUSPICIOUS,
        description="`suspicious`: by malignancy; then what was not accepted, what is concealed, and what has no "
        "result. `sent`: as they were sent.",
    )


class FileAnswer(Answer):
    """A file of a batch and, once it is done, the test that was made of it."""

    name: str = Field(examples=["anna/1.jpg"])
    state: Annotated[str, OneOf(*STATES)] = Field(examples=[DONE])
    reason: str | None = Field(examples=[None], description="Why it failed.")
    retryable: bool = Field(description="Whether another attempt may mend that.")
    prediction: ListedPrediction | None = Field(description="The test; while its answer is hidden, without it.")

    @classmethod
    def of(cls, item: BatchItem, prediction: ListedPrediction | None) -> FileAnswer:
        """Answer a file."""
        return cls(
            name=item.name, state=item.state, reason=item.reason, retryable=item.retryable, prediction=prediction
        )


def _written(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.public_id,
        "label": batch.label,
        "model": batch.model_name,
        "naming": batch.naming,
        "created_at": batch.created_at,
        "started_at": batch.started_at,
    }
