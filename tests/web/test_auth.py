from tests.factories import make_user, sign_in


def test_it_signs_in(client, session):
    user = make_user(session)

    sign_in(client, user)

    assert client.get("/register").status_code == 302
