"""A test as a FHIR bundle: what is told, in which codes, and what must never be."""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.interop.dicom.records import Nature
from app.interop.dicom.services import say
from app.patients.tables import Patient
from app.reports.codes import grouped
from app.reports.tables import Report
from app.results.outlines.tables import Scale
from app.results.tables import Analysis
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from app.storage import Storage
from tests.factories import make_analysis, make_lesion, make_outline, make_patient, make_user, post, sign_in
from tests.fhir import faults, observations, resources
from tests.unit.test_interop_codes import verhoeff

SNOMED = "http://snomed.info/sct"
MELANOMA = "93655004"
ANSWER, MALIGNANCY = "Most likely class, by the classifier", "Malignancy, by the classifier"
ACCEPTED, MEASURES = "Photograph accepted by the classifier", "Measures of the lesion's outline"
OWN, CONFIRMED = "Own assessment of the clinician", "Confirmed diagnosis"
LIKELY_MELANOMA = {"akiec": 0.01, "bcc": 0.01, "bkl": 0.01, "df": 0.01, "mel": 0.9, "nv": 0.05, "vasc": 0.01}


@pytest.fixture
def analysis(session: Session, owner: User, storage: Storage) -> Analysis:
    return make_analysis(session, owner, storage=storage)


@pytest.fixture
def full(session: Session, owner: User, storage: Storage) -> Analysis:
    """A test with everything that can be told of one, melanoma likely to the classifier and found by histology."""
    patient = make_patient(session, owner, name="Ingrid <Sørensen>", sex="female", birth_year=1971)
    lesion = make_lesion(session, patient, side="back", x=0.7, y=0.3)
    analysis = make_analysis(
        session,
        owner,
        storage=storage,
        patient_id=patient.id,
        lesion_id=lesion.id,
        patient_name=patient.name,
        probabilities=LIKELY_MELANOMA,
        probabilities_with_patient=LIKELY_MELANOMA,
        reasons=["blurred"],
        views=8,
        views_changed=3,
    )
    make_outline(session, analysis)
    line = {"start_x": 0.1, "start_y": 0.5, "end_x": 0.6, "end_y": 0.5}
    session.add(Scale(analysis_id=analysis.id, author_name=owner.name, millimetres=10.0, **line))
    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")
    give(session, analysis, author=owner, kind=DIAGNOSIS, label="mel", basis="histology", found_on=date(2026, 3, 4))
    session.commit()
    return analysis


def bundle_for(client: FlaskClient, analysis: Analysis) -> dict[str, Any]:
    response = client.get(f"/results/{analysis.public_id}/fhir.json")

    assert response.status_code == 200, response.text
    return json.loads(response.data)


def the(bundle: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = resources(bundle, kind)
    return found


def codes(concept: dict[str, Any], system: str = SNOMED) -> list[str]:
    return [coding["code"] for coding in concept.get("coding", ()) if coding["system"] == system]


def issue_and_sign(client: FlaskClient, session: Session, analysis: Analysis, **fields: str) -> Report:
    post(client, f"/results/{analysis.public_id}/reports/new", fields)
    report = session.scalars(select(Report).order_by(Report.id.desc())).first()
    assert report is not None
    address = f"/reports/{grouped(report.code)}"
    post(client, f"{address}/sign", form=address)
    return report


def test_it_is_a_file_whose_name_tells_nothing(reader: FlaskClient, analysis: Analysis) -> None:
    response = reader.get(f"/results/{analysis.public_id}/fhir.json")

    name = f"lentigo-{analysis.created_at:%Y-%m-%d}-{analysis.public_id[:8]}.fhir.json"
    assert response.mimetype == "application/fhir+json"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["Cache-Control"] == "no-store"


def test_it_is_valid_with_all_that_can_be_told_and_with_the_least(
    reader: FlaskClient, session: Session, owner: User, storage: Storage, full: Analysis
) -> None:
    nothing_said = {"age": None, "sex": None, "body_site": None, "threshold": None, "model_version": "0.0.1"}
    bare = make_analysis(session, owner, storage=storage, **nothing_said)
    refused = make_analysis(session, owner, storage=storage, accepted=False, reasons=["unfamiliar"])

    bundles = [bundle_for(reader, analysis) for analysis in (full, bare, refused)]

    assert [faults(bundle) for bundle in bundles] == [[], [], []]


def test_the_check_finds_what_is_wrong(reader: FlaskClient, analysis: Analysis) -> None:
    spoilt = copy.deepcopy(bundle_for(reader, analysis))
    report = the(spoilt, "DiagnosticReport")
    report["status"] = "finished"
    report["subject"]["reference"] = "urn:uuid:elsewhere"

    assert faults(spoilt) == ["DiagnosticReport.status is finished", "urn:uuid:elsewhere leads nowhere"]


def test_it_tells_what_the_classifier_answered_and_by_what(reader: FlaskClient, full: Analysis) -> None:
    bundle = bundle_for(reader, full)

    found, device = observations(bundle), resources(bundle, "Device")[0]
    told = {part["code"]["text"]: part["valueQuantity"]["value"] for part in found[ANSWER]["component"]}
    assert told["Melanoma"] == 0.9
    assert sum(told.values()) == pytest.approx(1)
    assert found[MALIGNANCY]["valueQuantity"]["value"] == pytest.approx(full.malignancy)
    assert {"Alert threshold", "At or above the alert threshold"} < {
        part["code"]["text"] for part in found[MALIGNANCY]["component"]
    }
    assert found[ACCEPTED]["valueBoolean"] is True
    assert [codes(part["code"], own_system(found)) for part in found[ACCEPTED]["component"]] == [["caution-blurred"]]
    assert found[ANSWER]["device"]["reference"] == f"urn:uuid:{device['id']}"
    assert device["deviceName"][0]["name"] == "mobilenetv2-ham7"
    assert device["version"][0]["value"] == "1.0.0"
    assert "The answer changed in 3 of 8 views" in found[ANSWER]["note"][1]["text"]


def own_system(found: dict[str, dict[str, Any]]) -> str:
    return found[ANSWER]["code"]["coding"][0]["system"]


def test_what_a_classifier_answered_is_no_diagnosis(reader: FlaskClient, session: Session, analysis: Analysis) -> None:
    analysis.probabilities, analysis.label = LIKELY_MELANOMA, "mel"
    session.commit()

    bundle = bundle_for(reader, analysis)

    report, answer = the(bundle, "DiagnosticReport"), observations(bundle)[ANSWER]
    assert "conclusionCode" not in report
    assert codes(answer["valueCodeableConcept"]) == []
    assert CONFIRMED not in observations(bundle)
    assert report["conclusion"].startswith("Decision support for clinicians. Not a diagnosis.")
    assert {found["status"] for found in observations(bundle).values()} == {"preliminary"}


def test_a_confirmed_diagnosis_is_told_with_its_code_its_source_and_its_day(
    reader: FlaskClient, owner: User, full: Analysis
) -> None:
    bundle = bundle_for(reader, full)

    confirmed, report = observations(bundle)[CONFIRMED], the(bundle, "DiagnosticReport")
    assert [codes(concept) for concept in report["conclusionCode"]] == [[MELANOMA]]
    assert codes(confirmed["code"], "http://loinc.org") == ["29308-4"]
    assert codes(confirmed["valueCodeableConcept"]) == [MELANOMA]
    assert confirmed["method"]["text"] == "Histology"
    assert confirmed["effectiveDateTime"] == "2026-03-04"
    assert confirmed["performer"] == [{"type": "Practitioner", "display": owner.name}]
    assert "Confirmed diagnosis: Melanoma, by histology of 4 March 2026" in report["conclusion"]


def test_a_diagnosis_that_was_taken_back_is_an_error_and_concludes_nothing(
    reader: FlaskClient, session: Session, owner: User, full: Analysis
) -> None:
    give(session, full, author=owner, kind=DIAGNOSIS, label=None)
    session.commit()

    bundle = bundle_for(reader, full)

    taken_back, report = observations(bundle)[CONFIRMED], the(bundle, "DiagnosticReport")
    assert taken_back["status"] == "entered-in-error"
    assert "valueCodeableConcept" not in taken_back
    assert "conclusionCode" not in report
    assert f"urn:uuid:{taken_back['id']}" not in [result["reference"] for result in report["result"]]


def test_the_patient_is_told_with_no_more_than_we_know(reader: FlaskClient, full: Analysis) -> None:
    bundle = bundle_for(reader, full)

    patient, body = the(bundle, "Patient"), the(bundle, "BodyStructure")
    assert patient["name"] == [{"text": "Ingrid <Sørensen>"}]
    assert (patient["gender"], patient["birthDate"]) == ("female", "1971")
    assert set(patient) == {"resourceType", "id", "identifier", "name", "gender", "birthDate"}
    assert codes(body["location"]) == ["66643007"]
    assert codes(body["locationQualifier"][0]) == ["24028007"]  # from behind, the right is on the viewer's right


def test_a_test_that_is_kept_with_nobody_makes_a_patient_of_its_own(
    reader: FlaskClient, session: Session, owner: User, storage: Storage, analysis: Analysis
) -> None:
    namesake = make_analysis(session, owner, storage=storage)

    ids = {the(bundle_for(reader, test), "Patient")["id"] for test in (analysis, namesake)}

    assert len(ids) == 2


def test_measures_have_units_where_there_is_a_scale(reader: FlaskClient, full: Analysis) -> None:
    parts = observations(bundle_for(reader, full))[MEASURES]["component"]

    units = {part["code"]["coding"][0]["code"]: part.get("valueQuantity", {}).get("code") for part in parts}
    assert units["diameter"] == "mm"
    assert units["area"] == "mm2"
    assert units["asymmetry"] == "1"


def test_the_photograph_is_a_jpeg_of_all_its_pixels_and_its_file_is_known_by_the_hash(
    reader: FlaskClient, full: Analysis
) -> None:
    bundle = bundle_for(reader, full)

    media, binary = resources(bundle, "Media")[0], resources(bundle, "Binary")[0]
    content = base64.b64decode(binary["data"])
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (full.width, full.height))
    assert media["content"]["url"] == f"Binary/{binary['id']}"
    assert media["content"]["size"] == len(content)
    assert base64.b64decode(media["content"]["hash"]) == hashlib.sha1(content, usedforsecurity=False).digest()
    assert full.photograph_sha256 in media["note"][0]["text"]


@pytest.mark.parametrize(("dermoscopic", "code"), [(None, "XC"), (False, "XC"), (True, "DMS")])
def test_a_photograph_is_called_dermoscopic_only_if_somebody_has_said_so(
    reader: FlaskClient, session: Session, analysis: Analysis, dermoscopic: bool | None, code: str
) -> None:
    if dermoscopic is not None:
        say(session, analysis, Nature(dermoscopic=dermoscopic))
        session.commit()

    media = resources(bundle_for(reader, analysis), "Media")[0]

    assert codes(media["modality"], "http://dicom.nema.org/resources/ontology/DCM") == [code]


def test_of_a_photograph_that_was_not_accepted_it_tells_that_there_is_no_answer(
    reader: FlaskClient, session: Session, owner: User, storage: Storage
) -> None:
    refused = make_analysis(session, owner, storage=storage, accepted=False, reasons=["unfamiliar"])

    bundle = bundle_for(reader, refused)

    assert list(observations(bundle)) == [ACCEPTED]
    assert observations(bundle)[ACCEPTED]["valueBoolean"] is False
    assert len(resources(bundle, "Media")) == 1
    assert "No answer" in the(bundle, "DiagnosticReport")["conclusion"]


def test_the_working_copy_is_preliminary_and_the_signed_report_final(
    reader: FlaskClient, session: Session, owner: User, full: Analysis
) -> None:
    before = the(bundle_for(reader, full), "DiagnosticReport")
    post(reader, f"/results/{full.public_id}/reports/new")
    issued = the(bundle_for(reader, full), "DiagnosticReport")

    report = issue_and_sign(reader, session, full)

    after = the(bundle_for(reader, full), "DiagnosticReport")
    (file,) = after["presentedForm"]
    assert [each["status"] for each in (before, issued, after)] == ["preliminary", "preliminary", "final"]
    assert before["presentedForm"][0]["title"].endswith("working copy, not issued")
    assert after["resultsInterpreter"] == [{"type": "Practitioner", "display": owner.name}]
    assert base64.b64decode(file["data"]) == reader.get(f"/reports/{grouped(report.code)}/report.pdf").data
    assert grouped(report.code) in [known["value"] for known in after["identifier"]]


def test_what_is_said_after_the_signature_amends_the_report(
    reader: FlaskClient, session: Session, owner: User, full: Analysis
) -> None:
    issue_and_sign(reader, session, full)
    give(session, full, author=owner, kind=DIAGNOSIS, label="nv", basis="consensus")
    session.commit()
    said_since = the(bundle_for(reader, full), "DiagnosticReport")["status"]

    issue_and_sign(reader, session, full, reason="The histology was read again.")

    assert said_since == "amended"
    assert the(bundle_for(reader, full), "DiagnosticReport")["status"] == "amended"


def test_it_is_the_same_bundle_each_time_under_ids_that_never_change(
    reader: FlaskClient, session: Session, owner: User, full: Analysis
) -> None:
    first, second = bundle_for(reader, full), bundle_for(reader, full)
    give(session, full, author=owner, kind=ASSESSMENT, label="mel")
    session.commit()
    changed = bundle_for(reader, full)

    assert first == second
    assert [entry["request"] for entry in changed["entry"]] == [entry["request"] for entry in first["entry"]]


def test_everything_is_put_in_place_except_what_is_made_only_if_it_is_missing(
    reader: FlaskClient, full: Analysis
) -> None:
    requests = {entry["resource"]["resourceType"]: entry["request"] for entry in bundle_for(reader, full)["entry"]}

    made = [requests.pop(kind) for kind in ("Patient", "Device")]
    assert [request["method"] for request in made] == ["POST", "POST"]
    assert all(request["ifNoneExist"].startswith("identifier=urn:ietf:rfc:3986|urn:uuid:") for request in made)
    assert {request["method"] for request in requests.values()} == {"PUT"}


def test_a_hidden_answer_is_refused_with_a_way_to_the_assessment(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis
) -> None:
    owner.blind, owner.blind_since = True, now()
    session.commit()

    response = reader.get(f"/results/{analysis.public_id}/fhir.json")

    assert response.status_code == 409
    assert "Hidden until you have entered your assessment" in response.text


def test_a_photograph_that_is_not_the_one_that_was_analysed_leaves_nowhere(
    reader: FlaskClient, analysis: Analysis, storage: Storage
) -> None:
    storage.put(analysis.photograph_key, storage.get(analysis.photograph_key) + b"x")

    response = reader.get(f"/results/{analysis.public_id}/fhir.json")

    assert response.status_code == 500
    assert "no longer the one that was analysed" in response.text


def test_a_stranger_finds_nothing(client: FlaskClient, session: Session, analysis: Analysis) -> None:
    sign_in(client, make_user(session))

    assert client.get(f"/results/{analysis.public_id}/fhir.json").status_code == 404


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(client: FlaskClient, analysis: Analysis) -> None:
    assert client.get(f"/results/{analysis.public_id}/fhir.json").location.startswith("/login")


def test_codes_of_standards_have_their_check_digits(reader: FlaskClient, full: Analysis) -> None:
    found = set(codings(bundle_for(reader, full)))

    loinc = {code for system, code in found if system == "http://loinc.org"}
    snomed = {code for system, code in found if system == SNOMED}
    assert loinc == {"18748-4", "29308-4"}
    assert all(luhn(code.replace("-", "")) == 0 for code in loinc)
    assert len(snomed) >= 5
    assert all(verhoeff(code) == 0 for code in snomed)


def codings(node: Any) -> Iterator[tuple[str, str]]:
    """Yield system and code of every coding in a bundle."""
    if isinstance(node, dict):
        for coding in node.get("coding", ()):
            yield coding["system"], coding["code"]
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from codings(child)


def luhn(number: str) -> int:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10


def test_a_moved_test_is_told_of_its_new_patient(
    app: Flask, reader: FlaskClient, session: Session, owner: User, full: Analysis
) -> None:
    other: Patient = make_patient(session, owner, name="Somebody Else")
    full.patient_id, full.lesion_id, full.patient_name = other.id, None, other.name
    session.commit()

    bundle = bundle_for(reader, full)

    patient = the(bundle, "Patient")
    subjects = {each["subject"]["reference"] for kind in ("Observation", "Media") for each in resources(bundle, kind)}
    assert patient["name"] == [{"text": "Somebody Else"}]
    assert subjects == {f"urn:uuid:{patient['id']}"}
    assert resources(bundle, "BodyStructure") == []
