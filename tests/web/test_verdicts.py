import pytest
from sqlalchemy import select

from app.results.tables import Analysis
from app.results.verdicts.blind import concealed, concealed_from
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, Verdict
from tests.factories import make_analysis, make_user, post, sign_in


@pytest.fixture
def analysis(session, owner):
    return make_analysis(session, owner)


def test_an_assessment_is_kept_with_who_and_when(reader, session, owner, analysis):
    response = post(
        reader, f"/results/{analysis.public_id}/assessment", {"label": "mel"}, form=f"/results/{analysis.public_id}"
    )

    session.expire_all()
    verdict = session.scalars(select(Verdict)).one()
    assert response.status_code == 303
    assert (verdict.label, verdict.author_id, verdict.author_name) == ("mel", owner.id, owner.name)
    assert verdict.created_at > analysis.created_at
    assert analysis.assessment == "mel"


def test_a_later_assessment_is_in_force_and_the_earlier_one_is_kept(session, owner, analysis):
    give(session, analysis, author=owner, kind=ASSESSMENT, label="mel")

    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")

    assert analysis.assessment == "nv"
    assert session.scalars(select(Verdict.label).order_by(Verdict.id)).all() == ["mel", "nv"]


def test_an_answer_is_concealed_until_somebody_who_looks_blind_has_assessed(session, owner, analysis):
    owner.blind = True
    before = concealed(owner, analysis)

    verdict = give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")

    assert before
    assert verdict.blind
    assert not concealed(owner, analysis)
    assert session.scalars(select(Analysis).where(concealed_from(owner))).all() == []


def test_nothing_is_concealed_where_there_is_no_answer(session, owner):
    owner.blind = True
    refused = make_analysis(session, owner, accepted=False)

    assert not concealed(owner, refused)
    assert session.scalars(select(Analysis).where(concealed_from(owner))).all() == []


def test_nobody_can_assess_another_persons_test(client, session, analysis):
    stranger = make_user(session)
    sign_in(client, stranger)
    own = make_analysis(session, stranger)

    response = post(
        client, f"/results/{analysis.public_id}/assessment", {"label": "mel"}, form=f"/results/{own.public_id}"
    )

    assert response.status_code == 404
    assert session.scalars(select(Verdict)).all() == []
