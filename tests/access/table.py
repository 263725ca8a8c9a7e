"""Who may do what, address by address: the table that every address of the site and the API has a row in."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from app.clock import now
from tests.access.world import World
from tests.fakes import NAME
from tests.pictures import jpeg, lesion_picture

PEOPLE = ("author", "colleague", "administrator", "auditor", "other", "anonymous")


class Outcome(Enum):
    """What an answer says; NOT_THERE and TURNED_AWAY tell nothing of what is there."""

    LET_IN = "let in"
    MAY_NOT = "403"
    NOT_THERE = "404"
    TURNED_AWAY = "asked to sign in"


LET_IN, MAY_NOT, NOT_THERE, TURNED_AWAY = Outcome
#                   author     colleague  admin.     auditor    other      anonymous
OPEN = (LET_IN, LET_IN, LET_IN, LET_IN, LET_IN, LET_IN)
SEEN = (LET_IN, LET_IN, LET_IN, LET_IN, NOT_THERE, TURNED_AWAY)  # a record of the clinic
WORKED_ON = (LET_IN, LET_IN, LET_IN, MAY_NOT, NOT_THERE, TURNED_AWAY)  # a record that is changed
LISTED = (LET_IN, LET_IN, LET_IN, LET_IN, LET_IN, TURNED_AWAY)  # what the asker may see, or the own account
MADE = (LET_IN, LET_IN, LET_IN, MAY_NOT, LET_IN, TURNED_AWAY)  # something new, of the asker's clinic
OWN = (LET_IN, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, TURNED_AWAY)  # one person's alone
MANAGED = (NOT_THERE, NOT_THERE, LET_IN, NOT_THERE, LET_IN, TURNED_AWAY)  # the asker's clinic
AUDITED = (NOT_THERE, NOT_THERE, LET_IN, LET_IN, LET_IN, TURNED_AWAY)  # who did what in the asker's clinic
NOBODY = (NOT_THERE,) * len(PEOPLE)  # a token that is of no person
MEMBER = (
    NOT_THERE,
    NOT_THERE,
    LET_IN,
    NOT_THERE,
    NOT_THERE,
    TURNED_AWAY,
)  # a member of ours, or how long it is kept

ROWS: Mapping[tuple[Outcome, ...], str] = {
    OPEN: """
        static landing.welcome auth.register auth.sign_in operations.healthz operations.readyz verification.ask
        verification.show api_docs.show api_health.health api_health.openapi phone.web_manifest phone.service_worker
        phone.offline phone.offline_test passkeys.options passkeys.sign_in passkeys.second_step
        passkeys.second_step_options second_step.show second_step.recovery_code auth.asked auth.open_link auth.finish
        reset.ask reset.asked reset.open_link reset.choose invitations.open_link invitations.accept
    """,
    LISTED: """
        dashboard.home dashboard.show dashboard.table patients.index results.previous_tests history.export
        saved_filters.index saved_filters.save batches.index worklist.index worklist.section classifiers.index
        classifiers.show classifiers.photograph tokens.index phone.session auth.sign_out auth.preferences auth.confirm
        account.show account.password account.email account.open_link account.confirm_email account.end_others
        account.here oversight.own
        own_factors.show own_factors.start own_factors.app own_factors.confirm own_factors.remove_app
        own_factors.renew_codes own_passkeys.new own_passkeys.options own_passkeys.register own_passkeys.proof_options
        api_access.me api_access.index api_patients.index api_predictions.index api_batches.index api_models.index
        api_models.show
    """,
    SEEN: """
        patients.show lesions.show results.show results.image results.thumbnail results.heatmap filing.patient
        reports.working_copy reports.show reports.download fhir.download dicom.archive dicom.single live.parts
        batches.show batches.results_csv batches.results_pdf api_patients.show api_lesions.index api_lesions.show
        api_predictions.show api_prediction_files.image api_prediction_files.thumbnail api_prediction_files.heatmap
        api_prediction_files.report api_verdicts.index api_verdicts.show api_exchange.fhir api_exchange.dicom
        api_exchange.index api_exchange.show api_batches.show api_batch_results.results api_batch_results.results_csv
        api_batch_results.report api_rights.consents api_rights.export
    """,
    MADE: """
        upload.prediction patients.new sending.new sending.spreadsheet deliveries.retry_all phone.waiting
        api_patients.new api_predictions.send api_batches.new
    """,
    WORKED_ON: """
        patients.edit patients.archive patients.unarchive patients.merge patients.erase lesions.new lesions.edit
        lesions.delete follow_ups.plan follow_ups.finish follow_ups.take_away results.delete verdicts.assess
        verdicts.diagnose verdicts.withdraw_assessment verdicts.withdraw_diagnosis outlines.scale outlines.remove
        filing.choose_patient filing.make_patient filing.choose_lesion new_tests.save new_tests.close reports.new
        reports.new_summary reports.sign dicom.choose deliveries.send deliveries.retry deliveries.cancel
        worklist.dismiss_retake worklist.restore_retake batches.cancel batches.resume batches.retry batches.delete
        sending.files sending.missing sending.start api_patients.change api_patients.erase api_patients.merge
        api_lesions.new api_lesions.change api_lesions.remove api_lesions.plan api_lesions.finish api_lesions.take_away
        api_predictions.delete api_predictions.keep_elsewhere api_verdicts.say api_exchange.send api_exchange.retry
        api_exchange.cancel api_batches.files api_batches.start api_batches.cancel api_batches.resume api_batches.retry
        api_batches.delete consents.index patient_export.show api_rights.record
    """,
    OWN: """
        saved_filters.rename saved_filters.delete tokens.revoke api_access.revoke own_passkeys.remove
        account.end_sign_in
    """,
    MANAGED: "clinics.show clinics.rename invitations.index research.index research.photographs retention.index",
    AUDITED: "oversight.index oversight.export",
    NOBODY: "operations.metrics",
    MEMBER: """
        clinics.give_role clinics.disable clinics.enable clinics.remove clinics.reset_second_step invitations.revoke
        retention.hold retention.end
    """,
}
EXPECTED: Mapping[str, Mapping[str, Outcome]] = {
    endpoint: dict(zip(PEOPLE, outcomes, strict=True))
    for outcomes, endpoints in ROWS.items()
    for endpoint in endpoints.split()
}


def values(world: World, endpoint: str) -> dict[str, str]:
    """Return what fills the variables of an address: things of the author's clinic."""
    ours = world.ours
    by_endpoint = {
        "static": {"filename": "css/lentigo.css"},
        "classifiers.show": {"name": NAME},
        "api_models.show": {"name": NAME},
        "classifiers.photograph": {"image_id": "ISIC_0000000"},
        "dashboard.table": {"name": "malignancy"},
        "worklist.section": {"code": "retakes"},
        "worklist.dismiss_retake": {"public_id": ours.retake.public_id},
        "worklist.restore_retake": {"public_id": ours.retake.public_id},
        "new_tests.close": {"public_id": ours.unfiled.public_id},
        "live.parts": {"wanted": f"deliveries:{ours.analysis.public_id},batch:{ours.stopped.public_id}"},
        "dicom.single": {"public_id": ours.analysis.public_id, "kind": "photograph"},
        "filing.choose_lesion": {"public_id": ours.analysis.public_id, "patient_id": ours.other.public_id},
        "deliveries.cancel": {"public_id": ours.waiting.public_id},
        "api_exchange.cancel": {"public_id": ours.waiting.public_id},
        "api_verdicts.show": {"public_id": ours.analysis.public_id, "number": "1"},
        "invitations.revoke": {"public_id": world.invitation},
        "account.end_sign_in": {"public_id": world.sign_in},
        "own_passkeys.remove": {"public_id": world.passkey},
    }
    if endpoint in by_endpoint:
        return by_endpoint[endpoint]
    sent_batch = endpoint.startswith("sending.") or endpoint in ("api_batches.files", "api_batches.start")
    kinds = {
        "patients": ours.patient, "api_patients": ours.patient, "lesions": ours.lesion,
        "api_lesions": ours.lesion, "consents": ours.patient, "patient_export": ours.patient,
        "retention": ours.patient, "api_rights": ours.patient,
        "follow_ups": ours.lesion, "batches": ours.stopped, "api_batches": ours.stopped,
        "api_batch_results": ours.stopped, "sending": ours.batch, "deliveries": ours.delivery,
        "saved_filters": ours.saved,
    }  # fmt: skip
    part = endpoint.partition(".")[0]
    thing = ours.batch if sent_batch else kinds.get(part, ours.analysis)
    if endpoint in ("lesions.new", "api_lesions.new", "api_lesions.index"):
        thing = ours.patient
    if endpoint in ("api_exchange.show", "api_exchange.retry"):
        thing = ours.delivery
    if endpoint == "deliveries.send":
        thing = ours.analysis
    token = endpoint in ("tokens.revoke", "api_access.revoke")
    member = world.members["colleague"].public_id
    public_id = ours.token if token else member if part == "clinics" else thing.public_id
    return {"public_id": public_id, "code": ours.code, "token": "nobodys"}


def photograph() -> tuple[io.BytesIO, str]:
    """Return a file to upload, each time a new one."""
    return io.BytesIO(jpeg(lesion_picture(size=(200, 200)))), "lesion.jpg"


Body = Callable[[World], dict[str, Any]]


def _form(**fields: Any) -> Body:
    return lambda _world: {"data": fields}


def _json(**fields: Any) -> Body:
    return lambda _world: {"json": fields}


AHEAD = (now() + timedelta(days=30)).date().isoformat()
# what is sent with the changes that want anything; a call, because a file is read only once
BODIES: Mapping[str, Body] = {
    "auth.register": _form(),
    "patients.new": _form(name="New"),
    "patients.edit": _form(name="Changed"),
    "patients.erase": lambda world: {"data": {"name": world.ours.names[0]}},
    "patients.merge": lambda world: {"query_string": {"other": world.ours.other.public_id}},
    "lesions.new": _form(label="New"),
    "lesions.edit": _form(label="Changed"),
    "follow_ups.plan": _form(months="3"),
    "verdicts.assess": lambda world: {"data": {"label": "mel", "seen": world.seen["assessment"]}},
    "verdicts.diagnose": lambda world: {
        "data": {"label": "mel", "basis": "histology", "seen": world.seen["diagnosis"]}
    },
    "verdicts.withdraw_assessment": lambda world: {"data": {"seen": world.seen["assessment"]}},
    "verdicts.withdraw_diagnosis": lambda world: {"data": {"seen": world.seen["diagnosis"]}},
    "outlines.scale": _form(start_x="100", start_y="100", end_x="300", end_y="100", millimetres="10"),
    "filing.make_patient": _form(name="New"),
    "filing.choose_lesion": _form(lesion=""),
    "reports.new": _form(),
    "reports.new_summary": _form(step="nothing"),
    "dicom.choose": _form(taken="dermoscopic", then="keep"),
    "deliveries.send": _form(destination="fhir"),
    "upload.prediction": lambda _world: {"data": {"patient_name": "New", "image": photograph()}},
    "sending.new": _form(naming="one", patient_name="New", model=NAME),
    "sending.spreadsheet": lambda _world: {"data": {"spreadsheet": (io.BytesIO(b"file,patient\na,b\n"), "a.csv")}},
    "sending.missing": _json(files=[["a.jpg", 3]]),
    "sending.files": lambda _world: {"data": {"files": photograph()}},
    "saved_filters.save": _form(name="New", query="label=nv"),
    "saved_filters.rename": _form(name="Renamed"),
    "tokens.index": _form(name="New", scope="read", days="90"),
    "verification.ask": lambda world: {"data": {"code": world.ours.code}},
    "verification.show": lambda _world: {"data": {"file": (io.BytesIO(b"%PDF-1.4"), "report.pdf")}},
    "invitations.index": _form(email="new@clinic.example", role="auditor"),
    "consents.index": _form(purpose="care", said="given", day="2026-03-01", how="paper"),
    "api_rights.record": _json(purpose="care", given=True, day="2026-03-01", how="paper"),
    "research.index": _form(fewest="1", allowed="y"),
    "retention.hold": _form(reason="Needed"),
    "clinics.rename": _form(name="Renamed"),
    "clinics.give_role": _form(role="auditor"),
    "api_patients.new": _json(name="New"),
    "api_patients.change": _json(notes="Changed"),
    "api_patients.merge": lambda world: {"json": {"other": world.ours.other.public_id}},
    "api_lesions.new": _json(label="New"),
    "api_lesions.change": _json(label="Changed"),
    "api_lesions.plan": _json(due=AHEAD),
    "api_predictions.send": lambda _world: {"data": {"image": photograph()}},
    "api_predictions.keep_elsewhere": lambda world: {"json": {"patient": world.ours.other.public_id}},
    "api_verdicts.say": _json(kind="assessment", label="mel"),
    "api_exchange.send": _json(destination="fhir"),
    "api_batches.new": _json(patient_name="New"),
    "api_batches.files": lambda _world: {"data": {"files": photograph()}},
}
# what whoever is let in is answered where that is no success: of what is asked for there is none, or it is not enough
ANSWERED: Mapping[tuple[str, str], int] = {
    ("classifiers.photograph", "GET"): 404,  # no photographs of the training data are there
    ("own_passkeys.register", "POST"): 422,
    ("account.password", "POST"): 422,
    ("account.email", "POST"): 422,
    ("account.confirm_email", "GET"): 410,
    ("account.confirm_email", "POST"): 410,
}
