from __future__ import annotations

from app.results.verdicts.tables import Verdict
from tests.factories import make_analysis, make_user, post, sign_in


def blind(session, user):
    session.refresh(user)
    return user.blind


def test_a_person_chooses_to_look_blind_first_and_not_to(reader, session, owner):
    on = post(reader, "/preferences", {"blind": "y"})
    chosen, page = blind(session, owner), reader.get("/preferences").text
    off = post(reader, "/preferences")

    assert (on.status_code, on.location) == (303, "/preferences")
    assert chosen
    assert "checked" in page
    assert off.status_code == 303
    assert not blind(session, owner)


def test_saving_what_was_chosen_before_does_not_begin_anew(reader, session, owner):
    post(reader, "/preferences", {"blind": "y"})
    since = blind(session, owner) and owner.blind_since

    post(reader, "/preferences", {"blind": "y"})

    session.refresh(owner)
    assert owner.blind_since == since


def test_the_choice_is_ones_own(client, session, owner):
    other = make_user(session)
    sign_in(client, other)

    post(client, "/preferences", {"blind": "y"})

    assert blind(session, other)
    assert not blind(session, owner)


def test_the_anonymous_choose_nothing(client, session, owner):
    assert client.get("/preferences").location == "/login?next=/preferences"
    assert post(client, "/preferences", {"blind": "y"}, form="/login").status_code == 302
    assert not blind(session, owner)


def test_the_name_in_the_navigation_leads_to_the_account_and_from_there_here(reader, owner):
    html = reader.get("/index").text

    assert f'href="/account" title="Account of {owner.email}"' in html
    assert 'href="/preferences"' in reader.get("/account").text


def test_the_first_look_is_hidden_until_the_assessment_and_recorded_as_blind(reader, session, storage, owner):
    post(reader, "/preferences", {"blind": "y"})
    analysis = make_analysis(session, owner, storage=storage, reasons=["blurred"])
    address = f"/results/{analysis.public_id}"
    before = reader.get(address).text

    post(reader, f"{address}/assessment", {"label": "nv"}, form=address)

    after = reader.get(address).text
    assert "The photograph looks blurred." in before
    assert "The quality of the photograph limits any answer" in before
    assert not any(shown in before for shown in ("malignancy", "heatmap", "report.pdf", "All classes", "favours"))
    assert all(shown in after for shown in ("malignancy", "heatmap", "report.pdf", "All classes", "favours"))
    assert "before the answer could be seen" in after
    assert session.query(Verdict).one().blind
