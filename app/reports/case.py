"""What a report tells of the clinician's verdicts, and of similar cases."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.results.report.case import Opinion, SimilarCase
from app.results.report.text import moment, note_lines, one_line
from app.results.similar import ShownCase
from app.results.tables import Analysis
from app.results.verdicts.labels import BASES, name_of
from app.results.verdicts.selectors import newest, verdicts_of
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict

TITLES = {ASSESSMENT: "Own assessment", DIAGNOSIS: "Confirmed diagnosis"}
BLIND = "before the classifier's answer was shown"


def opinions(session: Session, analysis: Analysis) -> tuple[Opinion, ...]:
    """Return the verdicts in force, the confirmed diagnosis first."""
    verdicts = verdicts_of(session, analysis)
    in_force = (newest(verdicts, kind) for kind in (DIAGNOSIS, ASSESSMENT))
    return tuple(_opinion(verdict, verdict.label) for verdict in in_force if verdict is not None and verdict.label)


def similar_lines(cases: Sequence[ShownCase]) -> tuple[SimilarCase, ...]:
    """Return similar cases as a report tells of them."""
    return tuple(SimilarCase(case.image_id, case.diagnosis.name, case.confirmed, case.similarity) for case in cases)


def _opinion(verdict: Verdict, label: str) -> Opinion:
    known = [f"by {BASES[verdict.basis].lower()}"] if verdict.basis else []
    found = [f"of {verdict.found_on.day} {verdict.found_on:%B %Y}"] if verdict.found_on else []
    blind = [BLIND] if verdict.blind else []
    return Opinion(
        title=TITLES[verdict.kind],
        verdict=", ".join((name_of(label), " ".join((*known, *found)))) if known else name_of(label),
        source=", ".join((one_line(verdict.author_name), moment(verdict.created_at), *blind)),
        note=note_lines(verdict.note or ""),
    )
