"""Export an analysis as DICOM objects: those that a person may see, and that mean something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.errors import NotFoundError
from app.interop.dicom.gathering import gathered
from app.interop.dicom.records import Case
from app.results.tables import Analysis
from app.results.verdicts.blind import require_shown
from app.storage import Storage
from config import Settings

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

PHOTOGRAPH, HEAT_MAP, REPORT, ALL = "photograph", "heat-map", "report", "all"
KINDS = (PHOTOGRAPH, HEAT_MAP, REPORT, ALL)
NO_SUCH_FILE = "There is no such file of this test."
NO_HEAT_MAP = "The photograph was not accepted: its heat map would mean nothing for the lesion, and is not exported."


def export_of(
    session: Session, storage: Storage, *, user: User, analysis: Analysis, kind: str, settings: Settings
) -> bytes:
    """Return one object of a person's analysis as a DICOM file, or with ALL a zip of those that there are.

    While the answer is hidden, that is the photograph alone, and ConcealedError is raised for the others; where the
    photograph was not accepted there is no heat map. NotFoundError for that, for other kinds, and if the photograph is
    missing; DamagedFileError if it is not the one that was analysed.
    """
    from app.interop.dicom.files import archive_of, file_of  # noqa: PLC0415 - pydicom is not needed at the web's start

    if kind not in KINDS:
        raise NotFoundError(NO_SUCH_FILE)
    if kind in (HEAT_MAP, REPORT):
        require_shown(user, analysis)
    if kind == HEAT_MAP and not analysis.accepted:
        raise NotFoundError(NO_HEAT_MAP)
    case = gathered(session, storage, user=user, analysis=analysis, settings=settings)
    if kind == ALL:
        return archive_of(objects(case), case.taken)
    return file_of(objects(case, only=kind)[kind])


def objects(case: Case, only: str | None = None) -> Mapping[str, Dataset]:
    """Return what there is to export by its kind, the photograph always among them; `only` saves making the others."""
    from app.interop.dicom.document import structured_report  # noqa: PLC0415 - as above: highdicom needs NumPy
    from app.interop.dicom.images import heat_map_image, photograph_image  # noqa: PLC0415 - as above

    photograph = photograph_image(case)
    made = {PHOTOGRAPH: photograph}
    if case.answered and only in (None, HEAT_MAP):
        made[HEAT_MAP] = heat_map_image(case, photograph)
    if case.shown and only in (None, REPORT):
        made[REPORT] = structured_report(case, photograph)
    return made
