"""Make what a test is about with one line, and do what every test does."""

from __future__ import annotations

import hashlib
import io
import re
from datetime import timedelta
from itertools import count
from typing import Any

import pyotp
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from app.api.tokens.scopes import WRITE
from app.api.tokens.services import issue
from app.auth.passwords import passwords_for
from app.auth.tables import Clinic, User
from app.auth.two_factor.sealing import seal
from app.auth.two_factor.tables import AuthenticatorApp
from app.clock import now
from app.patients.follow_ups.tables import FollowUp
from app.patients.tables import Lesion, Patient
from app.public_ids import new_public_id
from app.results.names import written_down
from app.results.outlines.tables import LesionOutline
from app.results.tables import Analysis
from app.security.roles import ADMINISTRATOR
from app.storage import Storage
from models.labels import HAM7
from tests.fakes import HEATMAP

PASSWORD = "a long walk by the lake"
PASSWORDS = passwords_for("testing")
PASSWORD_HASH = PASSWORDS.hash(PASSWORD)
TOKEN_FIELD = re.compile(r"""<input\b(?=[^>]*\bname="csrf_token")[^>]*\bvalue="([^"]+)""")

_numbers = count(1)


def make_clinic(session: Session, name: str = "Lakeside clinic") -> Clinic:
    """Commit a clinic without members."""
    clinic = Clinic(name=name)
    session.add(clinic)
    session.commit()
    return clinic


def belonging_to(person: User) -> dict[str, int]:
    """Return the columns that say whose a record is, and who made it."""
    return {"clinic_id": person.clinic_id, "author_id": person.id}


def make_user(
    session: Session,
    *,
    email: str | None = None,
    name: str = "Ada Berg",
    clinic: Clinic | None = None,
    role: str = ADMINISTRATOR,
) -> User:
    """Commit a person whose password is `PASSWORD`, in a clinic of their own unless one is given."""
    user = User(
        clinic_id=(clinic or make_clinic(session)).id,
        role=role,
        email=email or f"person{next(_numbers)}@clinic.example",
        name=name,
        password_hash=PASSWORD_HASH,
    )
    session.add(user)
    session.commit()
    return user


def make_analysis(session: Session, owner: User, *, storage: Storage | None = None, **columns: Any) -> Analysis:
    """Commit an analysis of a person; `columns` replace the ordinary, `storage` is given its two files."""
    analysis = Analysis(**{**_ordinary(columns), **belonging_to(owner), **columns})
    analysis.patient_key = columns.get("patient_key") or written_down(
        session, analysis.clinic_id, analysis.patient_name
    )
    if storage is not None:
        photograph = _file("PNG", analysis.width, analysis.height)
        analysis.photograph_sha256 = hashlib.sha256(photograph).hexdigest()
        storage.put(analysis.photograph_key, photograph)
        storage.put(analysis.thumbnail_key, _file("JPEG", 160, 160))
    session.add(analysis)
    session.commit()
    return analysis


def make_patient(session: Session, owner: User, **columns: Any) -> Patient:
    """Commit a patient of a person; `columns` replace the ordinary."""
    name = columns.get("name", "Ingrid Sørensen")
    patient = Patient(**{**belonging_to(owner), "name": name, **columns})
    patient.name_key = columns.get("name_key") or written_down(session, patient.clinic_id, name)
    session.add(patient)
    session.commit()
    return patient


def make_lesion(session: Session, patient: Patient, **columns: Any) -> Lesion:
    """Commit a lesion of a patient; `columns` replace the ordinary."""
    lesion = Lesion(**{"patient_id": patient.id, "label": "Left shoulder", "site": "back", **columns})
    session.add(lesion)
    session.commit()
    return lesion


def make_outline(session: Session, analysis: Analysis, **columns: Any) -> LesionOutline:
    """Commit what was measured of an analysis, a lesion half as wide as its frame; `columns` replace the ordinary."""
    reach = analysis.frame_side / 4
    ordinary = {
        "version": "1.0.0",
        "confidence": 0.9,
        "polygon": [[0.5, 0.25], [0.65, 0.5], [0.5, 0.75], [0.35, 0.5]],
        "area": 2 * reach**2,
        "diameter": 2 * reach,
        "asymmetry": 0.05,
        "irregularity": 1.27,
        "notching": 0.0,
        "colour_spread": 12.5,
        "colours": ["light brown", "dark brown"],
        "hair": 0.0,
    }
    outline = LesionOutline(**{**ordinary, "analysis_id": analysis.id, **columns})
    session.add(outline)
    session.commit()
    return outline


def make_follow_up(session: Session, owner: User, lesion: Lesion, **columns: Any) -> FollowUp:
    """Commit a follow-up of a lesion, due today; `columns` replace the ordinary."""
    follow_up = FollowUp(**{**belonging_to(owner), "lesion_id": lesion.id, "due": now().date(), **columns})
    session.add(follow_up)
    session.commit()
    return follow_up


def make_app(session: Session, user: User) -> pyotp.TOTP:
    """Commit an authenticator app of a person, confirmed some time ago, and return what makes its codes."""
    secret = pyotp.random_base32()
    sealed = seal(session, secret, user_id=user.id)
    session.add(AuthenticatorApp(user_id=user.id, secret=sealed, confirmed_at=now()))
    session.commit()
    return pyotp.TOTP(secret)


def make_token(session: Session, owner: User, *, scope: str = WRITE, lifetime: timedelta | None = None) -> str:
    """Commit an access token of a person and return it."""
    _, token = issue(session, owner=owner, name="Test", scope=scope, lifetime=lifetime)
    session.commit()
    return token


def sign_in(client: FlaskClient, user: User, password: str = PASSWORD) -> None:
    """Sign a person in through the form."""
    response = post(client, "/login", {"email": user.email, "password": password})

    assert response.status_code == 303, response.text


def post(client: FlaskClient, address: str, fields: dict[str, Any] | None = None, form: str | None = None) -> Any:
    """Send a form as a browser does, with the token of the page it is on: `form`, or the address itself."""
    token = csrf_token(client.get(form or address).text)
    return client.post(address, data={**(fields or {}), "csrf_token": token})


def send_whole(client: FlaskClient, token: str, content: bytes, to: str = "/prediction", field: str = "image") -> Any:
    """Upload a file of any size; the body is written here, for with a large one the test client leaves a file open."""
    disposition = b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    fields = disposition % (b"csrf_token", token.encode()) + disposition % (b"patient_name", b"A")
    head = b'--edge\r\nContent-Disposition: form-data; name="%s"; filename="a.jpg"\r\n\r\n' % field.encode()
    body = fields + head + content + b"\r\n--edge--\r\n"
    return client.post(to, data=body, content_type="multipart/form-data; boundary=edge")


def csrf_token(html: str) -> str:
    """Return the token of the first form of a page."""
    found = TOKEN_FIELD.search(html)

    assert found is not None, "there is no form with a token on this page"
    return found.group(1)


def _ordinary(columns: dict[str, Any]) -> dict[str, Any]:
    name = columns.get("patient_name", "Ingrid Sørensen")
    probabilities = columns.get("probabilities", dict.fromkeys(HAM7.codes, 0.05) | {"nv": 0.6, "mel": 0.15})
    return {
        "public_id": new_public_id(),
        "patient_name": name,
        "age": 54,
        "sex": "female",
        "body_site": "back",
        "note": None,
        "model_name": "mobilenetv2-ham7",
        "model_version": "1.0.0",
        "label": max(probabilities, key=lambda code: probabilities[code]),
        "probabilities": probabilities,
        "malignancy": HAM7.malignancy(probabilities) if set(probabilities) == set(HAM7.codes) else 0.5,
        "accepted": True,
        "threshold": 0.12,
        "reasons": [],
        "heatmap": [list(row) for row in HEATMAP],
        "photograph_sha256": hashlib.sha256(b"photograph").hexdigest(),
        "width": 600,
        "height": 450,
        "frame_left": 75,
        "frame_top": 0,
        "frame_side": 450,
    }


def _file(kind: str, width: int, height: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 150, 130)).save(file, kind)
    return file.getvalue()
