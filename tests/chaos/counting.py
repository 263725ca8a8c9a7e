"""What is there, against what was sent: every photograph by its pixels, every file and every row by the other."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image
from sqlalchemy import select

from app.audit import anchors
from app.audit.verification import verify
from app.batches.tables import BatchItem, original_key
from app.reports.files import key_of
from app.reports.tables import Report
from app.results.tables import Analysis
from app.storage import current_storage
from tests.chaos.senders import Answered, hash_of
from tests.chaos.sites import Site


@dataclass(frozen=True)
class Count:
    """What came of photographs that were sent.

    `lost` were said to be kept and are not there; `twice` are there more than once; `unasked` were said not to be kept,
    and are there. `orphan_files` belong to no row, `orphan_rows` lack a file; both, and whether the audit log is
    `sound`, are of the whole site.
    """

    accepted: int
    refused: int
    unanswered: int
    lost: int
    twice: int
    unasked: int
    orphan_files: int
    orphan_rows: int
    sound: bool

    @property
    def flawless(self) -> bool:
        """Whether nothing was lost, doubled or left behind."""
        wrong = self.lost + self.twice + self.unasked + self.orphan_files + self.orphan_rows
        return wrong == 0 and self.sound


def count(site: Site, answered: Sequence[Answered]) -> Count:
    """Compare the site with what its users were told; nobody is at work on it."""
    with site.session() as session:
        there = Counter(_pixels(session))
        files, rows = _files(), set(_owned(session))
        finding = verify(session, anchors.file_of(site.settings))
    accepted = {one.pixels for one in answered if one.accepted}
    refused = {one.pixels for one in answered if one.refused} - accepted
    return Count(
        accepted=len(accepted),
        refused=len(refused),
        unanswered=len({one.pixels for one in answered if one.status is None}),
        lost=len(accepted - set(there)),
        twice=sum(there[one.pixels] > 1 for one in answered),
        unasked=len(refused & set(there)),
        orphan_files=len(files - rows),
        orphan_rows=len(rows - files),
        sound=finding.sound,
    )


def promised(pixels: Sequence[str]) -> list[Answered]:
    """Return photographs of a batch as what was accepted."""
    return [Answered(one, 201) for one in pixels]


def _pixels(session) -> Iterator[str]:
    """Yield what each kept photograph shows, decrypted and decoded."""
    storage = current_storage()
    for analysis in session.scalars(select(Analysis)):
        with Image.open(io.BytesIO(storage.get(analysis.photograph_key))) as photograph:
            yield hash_of(photograph.convert("RGB").tobytes())


def _files() -> set[str]:
    return {key for key, _ in current_storage().keys()}  # noqa: SIM118 - no mapping


def _owned(session) -> Iterator[str]:
    """Yield the keys of all files that the rows speak of."""
    public_ids = dict(session.execute(select(Analysis.id, Analysis.public_id)).all())
    for analysis in session.scalars(select(Analysis)):
        yield from analysis.storage_keys
    for public_id in session.scalars(select(BatchItem.public_id).where(BatchItem.kept.is_(True))):
        yield original_key(public_id)
    for analysis_id, code in session.execute(select(Report.analysis_id, Report.code)):
        yield key_of(public_ids[analysis_id], code, signed=False)
