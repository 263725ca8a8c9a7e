"""Own addresses with things of another clinic in what is asked or sent: nothing is found, told, moved or changed."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_plus

import pytest

from app.security.gate import API
from tests.access.table import photograph
from tests.access.test_matrix import told
from tests.access.world import World

WHO = "other"  # the administrator of the other clinic, who may do everything there
NOT_FOUND, EMPTY = (404, 422), (200,)
# what is asked, with things of `their` clinic (the asker's) and of `our`s -> what is sent, and how it is answered
CROSSINGS: dict[str, tuple[dict[str, Any], tuple[int, ...]]] = {
    "GET /prediction?patient={our_patient}": ({}, NOT_FOUND),
    "GET /prediction?lesion={our_lesion}": ({}, NOT_FOUND),
    "POST /prediction?patient={our_patient}": ({"patient_name": "A", "image": photograph}, NOT_FOUND),
    "POST /prediction?lesion={our_lesion}": ({"patient_name": "A", "image": photograph}, NOT_FOUND),
    "GET /batches/new?patient={our_patient}": ({}, NOT_FOUND),
    "POST /batches/new?patient={our_patient}": ({"naming": "one"}, NOT_FOUND),
    "GET /patients/{their_patient}/merge?other={our_patient}": ({}, NOT_FOUND),
    "POST /patients/{their_patient}/merge?other={our_patient}": ({}, NOT_FOUND),
    "POST /patients/{our_patient}/merge?other={their_patient}": ({}, NOT_FOUND),
    "POST /results/{their_analysis}/move/{our_patient}": ({"lesion": ""}, NOT_FOUND),
    "POST /results/{their_analysis}/move/{their_patient}": ({"lesion": "{our_lesion}"}, NOT_FOUND),
    "POST /results/{our_analysis}/move/{their_patient}": ({"lesion": ""}, NOT_FOUND),
    "GET /lesions/{their_lesion}?then={our_analysis}&now={our_retake}": ({}, EMPTY),
    "GET /previous_tests?after={our_analysis}": ({}, EMPTY),
    "GET /previous_tests?before={our_analysis}": ({}, EMPTY),
    "GET /previous_tests?patient=Alder+patient": ({}, EMPTY),
    "GET /previous_tests?text=Alder+note": ({}, EMPTY),
    "GET /previous_tests?lesion=Alder+lesion": ({}, EMPTY),
    "GET /previous_tests/export.csv?patient=Alder": ({}, EMPTY),
    "GET /patients?name=Alder&archived=y": ({}, EMPTY),
    "GET /patients?after={our_patient}": ({}, EMPTY),
    "GET /patients/{their_patient}?after={our_analysis}": ({}, EMPTY),
    "GET /worklist/retakes?after={our_retake}": ({}, EMPTY),
    "GET /batches?after={our_batch}": ({}, EMPTY),
    "GET /batches/{their_stopped}?after={our_analysis}": ({}, EMPTY),
    "GET /live/batch:{their_batch},batch:{our_batch}": ({}, NOT_FOUND),
    "GET /live/batch:{our_analysis}": ({}, NOT_FOUND),
    "POST /clinic/members/{our_author}/disable": ({}, NOT_FOUND),
    "POST /api/v1/predictions": ({"patient": "{our_patient}", "image": photograph}, NOT_FOUND),
    "POST /api/v1/predictions?include=scores": ({"lesion": "{our_lesion}", "image": photograph}, NOT_FOUND),
    "GET /api/v1/predictions?patient={our_patient}": ({}, NOT_FOUND),
    "GET /api/v1/predictions?lesion={our_lesion}": ({}, NOT_FOUND),
    "GET /api/v1/predictions?patient_name=Alder": ({}, (200, 422)),
    "GET /api/v1/patients?name=Alder": ({}, EMPTY),
    "PATCH /api/v1/predictions/{their_analysis}": ({"patient": "{our_patient}"}, NOT_FOUND),
    "PATCH /api/v1/predictions/{their_retake}": ({"lesion": "{our_lesion}"}, NOT_FOUND),
    "POST /api/v1/patients/{their_patient}/merge": ({"other": "{our_patient}"}, NOT_FOUND),
    "POST /api/v1/batches": ({"patient": "{our_patient}"}, NOT_FOUND),
    "POST /api/v1/patients": ({"name": "A", "clinic_id": "1"}, (422,)),
    "PATCH /api/v1/patients/{their_patient}": ({"clinic_id": "1"}, (422,)),
}


@pytest.mark.parametrize("crossing", CROSSINGS)
def test_nothing_of_another_clinic_is_reached_through_ones_own(world: World, crossing: str) -> None:
    body, statuses = CROSSINGS[crossing]
    before, (method, address) = world.digest(), crossing.format(**ids(world)).split(" ", 1)
    sent = {name: value() if callable(value) else value.format(**ids(world)) for name, value in body.items()}
    as_json = address.startswith(API) and photograph not in body.values()

    answer = world.send(WHO, method, address, **({} if method == "GET" else {"json" if as_json else "data": sent}))

    changed = world.digest() != before
    world.restore()
    said = unquote_plus(address) + repr(sent)
    assert answer.status_code in statuses, answer.status
    assert [word for word in told(world, WHO, answer) if word not in said] == []
    assert not changed


def ids(world: World) -> dict[str, str]:
    kinds = ("patient", "lesion", "analysis", "retake", "batch", "stopped", "author")
    clinics = {"our": world.ours, "their": world.theirs}
    return {f"{whose}_{kind}": getattr(clinic, kind).public_id for whose, clinic in clinics.items() for kind in kinds}
