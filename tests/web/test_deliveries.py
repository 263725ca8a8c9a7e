"""The part of a test's page that says where it was sent, and the forms on it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.interop.deliveries.destinations import DeliveryError, register
from app.interop.deliveries.tables import CANCELLED, FAILED, SENDING, SENT, WAITING, Delivery
from app.results.tables import Analysis
from tests.factories import csrf_token, make_analysis, make_user, post, sign_in
from tests.fakes import FakeDestination
from tests.web.test_history import counted_queries

HEADING = "Sent to other systems"


@pytest.fixture
def system(app: Flask) -> FakeDestination:
    destination = FakeDestination()
    register(app, destination)
    return destination


@pytest.fixture
def analysis(session: Session, owner: User) -> Analysis:
    return make_analysis(session, owner)


def send(client: FlaskClient, analysis: Analysis, destination: str = "fhir"):
    page = f"/results/{analysis.public_id}"
    return post(client, f"{page}/deliveries", {"destination": destination}, form=page)


def make_delivery(session: Session, analysis: Analysis, **columns: object) -> Delivery:
    delivery = Delivery(
        **{
            "analysis_id": analysis.id,
            "clinic_id": analysis.clinic_id,
            "author_id": analysis.author_id,
            "destination": "fhir",
            **columns,
        }
    )
    session.add(delivery)
    session.commit()
    return delivery


def page_of(client: FlaskClient, analysis: Analysis) -> str:
    return " ".join(client.get(f"/results/{analysis.public_id}").text.split())


def test_nothing_is_said_of_other_systems_where_none_is_configured(reader: FlaskClient, analysis: Analysis) -> None:
    assert HEADING not in page_of(reader, analysis)
    assert send(reader, analysis).status_code == 404


def test_a_test_is_sent_and_its_page_says_where_and_as_what(
    reader: FlaskClient, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    before = page_of(reader, analysis)

    response = send(reader, analysis)

    after = page_of(reader, analysis)
    assert "Record system (FHIR), records.clinic.example" in before
    assert (response.status_code, response.location) == (303, f"/results/{analysis.public_id}#deliveries")
    assert system.received == [analysis.public_id]
    assert 'Known there as <span class="delivery-reference">Report/1</span>' in after
    assert "Send again" in after


def test_it_says_why_it_was_not_sent_and_tries_again_when_told_to(
    reader: FlaskClient, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    system.failures = [DeliveryError("The server refused it.", permanent=True)]
    send(reader, analysis)
    delivery = session.scalars(select(Delivery)).one()
    refused = page_of(reader, analysis)

    response = post(reader, f"/deliveries/{delivery.public_id}/retry", form=f"/results/{analysis.public_id}")

    session.refresh(delivery)
    assert "The server refused it. Given up after 1 attempt." in refused
    assert response.status_code == 303
    assert (delivery.state, delivery.attempts) == (SENT, 1)


def test_what_waits_can_be_taken_back(
    reader: FlaskClient, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    system.failures = [DeliveryError("The server is busy.", permanent=False)]
    send(reader, analysis)
    delivery = session.scalars(select(Delivery)).one()
    waiting = page_of(reader, analysis)

    response = post(reader, f"/deliveries/{delivery.public_id}/cancel", form=f"/results/{analysis.public_id}")

    session.refresh(delivery)
    assert "Not sent yet. The server is busy. The next attempt is on" in waiting
    assert response.status_code == 303
    assert delivery.state == CANCELLED


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize(
    ("state", "action"),
    [(SENDING, "cancel"), (SENT, "cancel"), (FAILED, "cancel"), (SENDING, "retry"), (SENT, "retry")],
)
def test_what_is_too_late_changes_nothing_and_says_so(
    reader: FlaskClient, session: Session, analysis: Analysis, state: str, action: str
) -> None:
    delivery = make_delivery(session, analysis, state=state)

    response = post(reader, f"/deliveries/{delivery.public_id}/{action}", form="/prediction")

    session.refresh(delivery)
    assert response.status_code == 409
    assert delivery.state == state


def test_an_old_failure_is_not_tried_again_while_another_delivery_is_on_its_way(
    reader: FlaskClient, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    failed = make_delivery(session, analysis, state=FAILED)
    make_delivery(session, analysis, state=SENDING)

    response = post(reader, f"/deliveries/{failed.public_id}/retry", form="/prediction")

    session.refresh(failed)
    assert response.status_code == 409
    assert failed.state == FAILED


def test_what_was_sent_stays_on_the_page_when_the_system_is_not_configured_any_more(
    reader: FlaskClient, session: Session, analysis: Analysis
) -> None:
    make_delivery(session, analysis, state=SENT, sent_at=analysis.created_at)

    page = page_of(reader, analysis)

    assert "Nothing more can be sent there" in page
    assert "Send again" not in page


def test_nothing_is_sent_before_the_own_assessment(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis, system: FakeDestination
) -> None:
    owner.blind = True
    session.commit()

    response = send(reader, analysis)

    assert response.status_code == 409
    assert "Hidden until you have entered your assessment" in response.text
    assert session.scalars(select(Delivery)).all() == []
    assert f'action="/results/{analysis.public_id}/deliveries"' not in page_of(reader, analysis)


def test_a_stranger_finds_nothing_and_nothing_is_sent(
    client: FlaskClient, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    delivery = make_delivery(session, analysis, state=WAITING)
    sign_in(client, make_user(session))

    responses = [
        post(client, address, {"destination": "fhir"}, form="/prediction")
        for address in (
            f"/results/{analysis.public_id}/deliveries",
            f"/deliveries/{delivery.public_id}/retry",
            f"/deliveries/{delivery.public_id}/cancel",
        )
    ]

    session.refresh(delivery)
    assert [response.status_code for response in responses] == [404, 404, 404]
    assert (delivery.state, system.received) == (WAITING, [])


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in(
    client: FlaskClient, analysis: Analysis, system: FakeDestination
) -> None:
    token = csrf_token(client.get("/login").text)

    response = client.post(
        f"/results/{analysis.public_id}/deliveries", data={"csrf_token": token, "destination": "fhir"}
    )

    assert response.location.startswith("/login")
    assert system.received == []


def test_the_page_asks_the_database_no_more_the_more_was_sent(
    app: Flask, reader: FlaskClient, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    with counted_queries(app) as none:
        page_of(reader, analysis)
    for _ in range(3):
        make_delivery(session, analysis, state=FAILED, reason="The server refused it.")

    with counted_queries(app) as some:
        page_of(reader, analysis)

    assert len(some) == len(none)


def worklist(client: FlaskClient) -> str:
    return " ".join(client.get("/worklist").text.split())


def test_what_could_not_be_sent_is_on_the_worklist_until_it_was(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis, system: FakeDestination
) -> None:
    before = worklist(reader)
    make_delivery(session, analysis, state=FAILED, reason="The server does not accept our access token.")
    make_delivery(session, make_analysis(session, owner, patient_name="Arrived Later"), state=FAILED)
    make_delivery(session, session.scalars(select(Analysis).order_by(Analysis.id.desc())).first(), state=SENT)
    listed = worklist(reader)

    response = post(reader, "/deliveries/retry", form="/worklist")

    assert "Could not be sent" not in before
    assert 'Could not be sent <span class="work-count">1</span>' in listed
    assert "The server does not accept our access token." in listed
    assert "Arrived Later" not in listed.partition("Could not be sent")[2].partition("</section>")[0]
    assert response.status_code == 303
    assert system.received == [analysis.public_id]
    assert "Could not be sent" not in worklist(reader)


def test_trying_all_again_leaves_what_cannot_be_sent_now(
    reader: FlaskClient, session: Session, owner: User, analysis: Analysis, system: FakeDestination
) -> None:
    make_delivery(session, analysis, state=FAILED, destination="pacs")  # which is not configured any more
    hidden = make_analysis(session, owner)
    owner.blind = True
    make_delivery(session, hidden, state=FAILED)
    assessed = make_analysis(session, owner, assessment="nv")
    make_delivery(session, assessed, state=FAILED)

    post(reader, "/deliveries/retry", form="/worklist")

    assert system.received == [assessed.public_id]


def test_others_deliveries_are_on_no_worklist_and_are_not_tried_again(
    client: FlaskClient, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    make_delivery(session, analysis, state=FAILED)
    sign_in(client, make_user(session))

    post(client, "/deliveries/retry", form="/prediction")

    assert "Could not be sent" not in worklist(client)
    assert system.received == []


def test_the_worklist_asks_the_database_no_more_the_more_could_not_be_sent(
    app: Flask, reader: FlaskClient, session: Session, owner: User, system: FakeDestination
) -> None:
    tests = [make_analysis(session, owner) for _ in range(3)]
    with counted_queries(app) as none:
        worklist(reader)
    for test in tests:
        make_delivery(session, test, state=FAILED, reason="The server refused it.")

    with counted_queries(app) as some:
        worklist(reader)

    assert len(some) == len(none)


def test_an_open_page_is_told_how_the_sending_stands(
    reader: FlaskClient, session: Session, analysis: Analysis, system: FakeDestination
) -> None:
    delivery = make_delivery(session, analysis, state=SENDING)
    name = f"deliveries:{analysis.public_id}"
    page = page_of(reader, analysis)
    before = reader.get(f"/live/{name}").json

    delivery.state, delivery.sent_at = SENT, analysis.created_at
    session.commit()
    after = reader.get(f"/live/{name}").json

    assert f'data-live="{name}"' in page
    assert "Being sent." in before["parts"][name]
    assert "Send again" in after["parts"][name]
    assert 'name="csrf_token" value=""' in after["parts"][name]
    assert (before["over"], after["over"]) == (False, True)
    assert "data-live" not in page_of(reader, analysis).split(HEADING)[1]


def test_strangers_are_not_told_how_the_sending_stands(
    client: FlaskClient, session: Session, analysis: Analysis
) -> None:
    address = f"/live/deliveries:{analysis.public_id}"
    anonymous = client.get(address)
    sign_in(client, make_user(session))

    assert anonymous.location.startswith("/login")
    assert client.get(address).status_code == 404
