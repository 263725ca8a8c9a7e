"""An analysis as a FHIR R4 `Bundle`: a transaction that can be kept as a file, or sent as it is.

Sent twice it leaves one of each: what is told of the test is put in place under an id that never changes. Patient and
devices are made only where there are none with our identifier: what the other side knows of people is not ours to write
over, and a version of a network never changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.interop.fhir import devices, measures, media, observations, subject, verdicts
from app.interop.fhir.elements import Resource
from app.interop.fhir.record import Record, record_of
from app.interop.fhir.report import report
from app.results.tables import Analysis
from app.results.verdicts.blind import require_shown
from app.storage import Storage
from config import Settings

MADE_ONCE = ("Patient", "Device")


def bundle_of(session: Session, storage: Storage, *, user: User, analysis: Analysis, settings: Settings) -> Resource:
    """Return what a person may see of an analysis; ConcealedError, NotFoundError, DamagedFileError."""
    require_shown(user, analysis)
    return bundle(record_of(session, storage, user=user, analysis=analysis, settings=settings))


def bundle(record: Record) -> Resource:
    """Return a record as a transaction; nothing in it depends on when it is made."""
    return {"resourceType": "Bundle", "type": "transaction", "entry": [_entry(each) for each in _resources(record)]}


def _resources(record: Record) -> Iterator[Resource]:
    results = [*observations.answers(record), *verdicts.verdicts(record)]
    measured = measures.measures(record)
    if measured is not None:
        results.append(measured)
    about = subject.patient(record), subject.lesion(record), devices.classifier(record), devices.outliner(record)
    yield report(record, results)
    yield from (each for each in about if each is not None)
    yield from media.pictures(record)
    yield from results


def _entry(resource: Resource) -> Resource:
    kind, id_ = resource["resourceType"], resource["id"]
    if kind in MADE_ONCE:
        known = resource["identifier"][0]
        condition = f"identifier={known['system']}|{known['value']}"
        request = {"method": "POST", "url": kind, "ifNoneExist": condition}
    else:
        request = {"method": "PUT", "url": f"{kind}/{id_}"}
    return {"fullUrl": f"urn:uuid:{id_}", "resource": resource, "request": request}
