import pytest
from flask import Flask

from app.security.gate import is_open, open_to_everyone
from tests.factories import make_user, sign_in

# The whole list. Whoever adds a page here has decided that everyone on the network may see it.
OPEN = {
    "static",
    "landing.welcome",
    "auth.register",
    "auth.asked",
    "auth.finish",
    "auth.open_link",
    "auth.sign_in",
    "second_step.show",
    "second_step.recovery_code",
    "passkeys.options",
    "passkeys.sign_in",
    "passkeys.second_step_options",
    "passkeys.second_step",
    "reset.ask",
    "invitations.accept",
    "invitations.open_link",
    "reset.asked",
    "reset.choose",
    "reset.open_link",
    "operations.healthz",
    "operations.readyz",
    "operations.metrics",  # by a token that belongs to nobody
    "verification.ask",
    "verification.show",
    "api_docs.show",
    "api_health.health",
    "api_health.openapi",
    "phone.web_manifest",
    "phone.service_worker",
    "phone.offline",
    "phone.offline_test",
}


def addresses(app: Flask):
    """Yield each page with every method that it answers, its variables filled in."""
    for rule in app.url_map.iter_rules():
        values = dict.fromkeys(rule.arguments, "1")
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, values, append_unknown=False)
        for method in rule.methods:
            yield rule.endpoint, method, path


def test_only_the_listed_pages_are_open(app):
    found = {rule.endpoint for rule in app.url_map.iter_rules() if is_open(app, rule.endpoint)}

    assert found == OPEN


def test_every_other_page_turns_anonymous_people_away(app, client):
    closed = [(method, path) for endpoint, method, path in addresses(app) if endpoint not in OPEN]

    answers = {(method, path): client.open(path, method=method) for method, path in closed}

    assert closed
    for (method, path), answer in answers.items():
        if path.startswith("/api/v1/"):
            assert answer.status_code == 401, (method, path)
        else:
            assert answer.status_code == 302, (method, path)
            assert answer.location.startswith("/login")


def test_a_page_added_without_a_decision_is_closed(app, client):
    app.add_url_rule("/new", "new", lambda: "secret")

    response = client.get("/new")

    assert response.status_code == 302
    assert b"secret" not in response.data


def test_a_page_can_be_opened(app, client):
    app.add_url_rule("/new", "new", open_to_everyone(lambda: "for everyone"))

    assert client.get("/new").text == "for everyone"


def test_static_files_of_a_feature_are_closed_too(app, client, tmp_path):
    from flask import Blueprint

    (tmp_path / "secret.txt").write_text("secret")
    app.register_blueprint(Blueprint("odd", __name__, static_folder=tmp_path, static_url_path="/odd"))

    assert client.get("/odd/secret.txt").status_code == 302


def test_it_lets_those_who_signed_in_through(client, session):
    sign_in(client, make_user(session))

    assert client.get("/previous_tests").status_code == 200


def test_it_remembers_where_a_person_was_going(client):
    response = client.get("/previous_tests?q=M%C3%BCller")

    assert response.location == "/login?next=/previous_tests?q%3DM%25C3%25BCller"


def test_it_leads_back_to_the_form_that_was_sent_too_late(client):
    response = client.post("/prediction?lesion=a-b", data={"patient_name": "Ingrid"})

    assert response.location == "/login?next=/prediction?lesion%3Da-b"


def test_it_does_not_lead_back_to_what_only_a_form_can_reach(client):
    assert client.post("/logout").location == "/login"


@pytest.mark.parametrize("path", ["/no_such_page", "/wp-admin", "/static/no_such_file.css"])
def test_an_unknown_address_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_programs_are_told_with_a_status(app, client):
    app.add_url_rule("/api/v1/things", "things", lambda: "secret")

    response = client.get("/api/v1/things")

    assert response.status_code == 401
    assert response.mimetype == "application/problem+json"
