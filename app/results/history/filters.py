"""What the history can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

ANSWERED, NO_ANSWER = "any", "none"  # in place of a class: photographs that were accepted, or not
GIVEN, NOT_GIVEN = "any", "none"  # in place of a verdict: one that is there, or not
BENIGN, MALIGNANT = "benign", "malignant"  # in place of a verdict: its side
AGAINST = "against"  # in place of a verdict: on the other side than the classifier
HALF_PERCENT = 0.005  # figures are shown in whole percent: "from 37 %" finds what is shown as 37 %


@dataclass(frozen=True, slots=True)
class Filters:
    """What to list: malignancy in whole percent, dates as UTC days, both ends included; None asks for all.

    `label` is the code of a class, ANSWERED or NO_ANSWER. `assessment` and `diagnosis` are codes of verdicts, or one of
    the words above. `nobody` asks for tests that are kept with no patient yet, `alert` for those at or above the
    threshold of the alert. `text` stands in the note, or in that of a verdict; `lesion` in the lesion's label.
    `patient_id` and `lesion_id` are those of a patient and a lesion that were seen to be the person's own.
    """

    patient: str | None = None
    nobody: bool = False
    lesion: str | None = None
    site: str | None = None
    label: str | None = None
    malignancy_from: int | None = None
    malignancy_to: int | None = None
    alert: bool = False
    assessment: str | None = None
    diagnosis: str | None = None
    classifier: str | None = None
    date_from: date | None = None
    date_to: date | None = None
    text: str | None = None
    sort: str = "newest"
    patient_id: int | None = None
    lesion_id: int | None = None

    @property
    def ask_for_answers(self) -> bool:
        """Tell whether what is found tells what was answered."""
        return (
            self.alert
            or self.malignancy != (None, None)
            or self.label not in (None, ANSWERED, NO_ANSWER)
            or AGAINST in (self.assessment, self.diagnosis)
        )

    @property
    def malignancy(self) -> tuple[float | None, float | None]:
        """The least and the greatest malignancy that is shown as what was asked for; None where nothing was."""
        least, most = self.malignancy_from, self.malignancy_to
        if least is None and most is None:
            return None, None
        return (least or 0) / 100 - HALF_PERCENT, None if most is None else most / 100 + HALF_PERCENT

    @property
    def period(self) -> tuple[datetime | None, datetime | None]:
        """The moment from which, and the one before which, tests are asked for."""
        start = None if self.date_from is None else _midnight(self.date_from)
        return start, None if self.date_to is None else _midnight(self.date_to) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ExactFilters(Filters):
    """Filters for programs: malignancies as they are, both ends included, and moments, the last excluded."""

    malignancy_min: float | None = None
    malignancy_max: float | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None

    @property
    def malignancy(self) -> tuple[float | None, float | None]:
        """The least and the greatest malignancy that is asked for; None where none is."""
        least = 0.0 if self.malignancy_min is None and self.malignancy_max is not None else self.malignancy_min
        return least, self.malignancy_max

    @property
    def period(self) -> tuple[datetime | None, datetime | None]:
        """The moment from which, and the one before which, tests are asked for."""
        return self.created_from, self.created_to


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
