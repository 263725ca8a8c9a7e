"""What computed an answer: `Device`."""

from __future__ import annotations

from app.interop.codes import SNOMED, Concept
from app.interop.fhir.elements import Resource, concept, identifier, identity, note, resource, said
from app.interop.fhir.record import Record
from app.product import MANUFACTURER
from app.reports.records import origin
from app.results.report.content import PURPOSE

SOFTWARE = Concept(SNOMED, "706689003", "Application program software")
OUTLINER = "Outline of the lesion"


def classifier_id(record: Record) -> str:
    """Return the id of the classifier that answered: another version is another device."""
    return identity("Device", record.analysis.model_name, record.analysis.model_version)


def classifier(record: Record) -> Resource:
    """Return the classifier that answered, with the hash of its files where its version is still installed."""
    analysis, card = record.analysis, record.card
    made_by = origin(analysis.model_name, analysis.model_version, card)
    versions = [
        {"value": analysis.model_version},
        _version("Network, SHA-256 of the list of its files", made_by.network_sha256),
        _version("Preprocessing", made_by.preprocessing),
    ]
    names = [analysis.model_name, *([card.title] if card else [])]
    return _device(classifier_id(record), names, [version for version in versions if version])


def outliner_id(record: Record) -> str | None:
    """Return the id of the network that outlined the lesion; None where none did yet."""
    version = record.measured.version
    return None if version is None else identity("Device", "outline", version)


def outliner(record: Record) -> Resource | None:
    """Return the network that outlined the lesion; None where none did yet."""
    id_, version = outliner_id(record), record.measured.version
    return None if id_ is None else _device(id_, [OUTLINER], [{"value": version}])


def _device(id_: str, names: list[str], versions: list[Resource]) -> Resource:
    return resource(
        "Device",
        id_,
        identifier=[identifier(id_)],
        status="active",
        manufacturer=MANUFACTURER,
        deviceName=[{"name": name, "type": "model-name"} for name in names],
        type=concept(SOFTWARE),
        version=versions,
        note=note(PURPOSE),
    )


def _version(kind: str, value: str | None) -> Resource | None:
    return None if value is None else {"type": said(kind), "value": value}
