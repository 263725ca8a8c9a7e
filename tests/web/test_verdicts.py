import pytest
from sqlalchemy import select

from app.clock import now
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed, concealed_from
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS, Verdict
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

    give(session, analysis, author=owner, kind=ASSESSMENT, label="nv")

    assert before
    assert not concealed(owner, analysis)
    assert session.scalars(select(Analysis).where(concealed_from(owner))).all() == []


def blind_verdicts(session, owner, *labels, created_at=None):
    """Assess a new test once for each label, and return which of the assessments count as blind."""
    analysis = make_analysis(session, owner, **({} if created_at is None else {"created_at": created_at}))
    return [give(session, analysis, author=owner, kind=ASSESSMENT, label=label).blind for label in labels]


def test_only_the_first_assessment_is_blind_even_if_it_was_taken_back(session, owner):
    owner.blind = True

    assert blind_verdicts(session, owner, "nv", None, "mel") == [True, False, False]


def test_an_assessment_is_not_blind_if_the_answer_could_be_seen_before(session, owner):
    owner.blind = True
    seen_at = now()
    owner.blind = False
    owner.blind = True  # off, a look, and on again

    assert blind_verdicts(session, owner, "nv", created_at=seen_at) == [False]


def test_a_diagnosis_needs_a_basis_and_an_assessment_has_none(session, owner, analysis):
    for kind, label, basis in (
        (DIAGNOSIS, "mel", None),
        (DIAGNOSIS, "uncertain", "histology"),
        (ASSESSMENT, "mel", "histology"),
    ):
        with pytest.raises(ValueError, match="diagnosis"):
            give(session, analysis, author=owner, kind=kind, label=label, basis=basis)


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
