"""The walk of a clinician through old code, on a database that is newer than that code.

It is run by itself, with the folder of the old code as its first argument: what it imports is from there.
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable

TOKEN = re.compile(r"""<input\b(?=[^>]*\bname="csrf_token")[^>]*\bvalue="([^"]+)""")
PASSWORD = "a long walk by the lake"
FORM = {"patient_name": "Ada Old", "age": "54", "sex": "female", "body_site": "back"}


def main(asked: dict[str, str]) -> None:
    import app as found
    from app.factory import create_app
    from config import Settings
    from tests.fakes import FakeClassifiers
    from tests.pictures import lesion_picture, png

    assert str(found.__file__).startswith(sys.argv[1]), "this is not the old code"
    settings = {name: value for name, value in asked.items() if name in Settings.model_fields}
    app = create_app(Settings(environment="testing", **settings), FakeClassifiers())
    browser, picture = app.test_client(), png(lesion_picture(3, (320, 240)))

    def send(address: str, fields: dict[str, object], form: str | None = None) -> str:
        page = browser.get(form or address)
        found = TOKEN.search(page.text)
        assert found, (form or address, page.status_code)
        answer = browser.post(address, data={**fields, "csrf_token": found[1]})
        assert answer.status_code == 303, (address, answer.status_code, answer.text[:2000])
        return answer.location

    def see(address: str, wanted: str = "") -> str:
        page = browser.get(address, follow_redirects=True)
        assert page.status_code == 200, (address, page.status_code)
        assert wanted in page.text, (address, wanted)
        return page.text

    walk(send, see, picture, asked)


def walk(send: Callable[..., str], see: Callable[..., str], picture: bytes, asked: dict[str, str]) -> None:
    """Sign in, look at what newer code has made, and make the same again; AssertionError where something fails."""
    send("/login", {"email": asked["email"], "password": PASSWORD})
    see("/index")
    see("/previous_tests", asked["analysis"])
    see(f"/results/{asked['analysis']}")
    see(f"/patients/{asked['patient']}")
    result = send("/prediction", {**FORM, "image": (io.BytesIO(picture), "a.png")})
    see(result, "Ada Old")
    see("/previous_tests?patient=Ada", result)
    send(f"{result}/reports/new", {}, form=result)
    patient = send("/patients/new", {"name": "Ada Later", "year_of_birth": "1970", "sex": "female"})
    see(patient, "Ada Later")
    batch = send("/batches/new", {"naming": "one", "patient_name": "Ada Old", "files": (io.BytesIO(picture), "b.png")})
    see(batch)
    send(f"{result}/delete", {}, form=result)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    main(json.loads(sys.stdin.read()))
