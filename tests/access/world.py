"""Two clinics with everything that an address can be about, and the people who ask for it."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.api.tokens.scopes import ADMIN
from app.api.tokens.selectors import all_tokens_of
from app.auth.passkeys.tables import Passkey
from app.auth.sign_ins import sign_ins_of
from app.auth.tables import Clinic, User
from app.batches.sending.naming import ONE
from app.batches.tables import CANCELLED, DONE, Batch, BatchItem
from app.clinics.invitations.services import invite
from app.clock import now
from app.interop.deliveries.tables import FAILED, WAITING, Delivery
from app.patients.tables import Lesion, Patient
from app.reports.tables import Report
from app.results.saved_filters.tables import SavedFilter
from app.results.tables import DUE, Analysis
from app.results.verdicts.selectors import newest, verdicts_of
from app.results.verdicts.services import give
from app.results.verdicts.tables import ASSESSMENT, DIAGNOSIS
from app.security.gate import API
from app.security.roles import ADMINISTRATOR, AUDITOR, CLINICIAN
from app.storage import Storage
from tests.factories import (
    belonging_to,
    csrf_token,
    make_analysis,
    make_clinic,
    make_follow_up,
    make_lesion,
    make_outline,
    make_patient,
    make_token,
    make_user,
    sign_in,
)
from tests.fakes import NAME

# what asking alone changes: who was seen when, and how often a token was used
UNRECORDED = {"alembic_version", "sign_ins", "failed_sign_ins", "access_tokens", "idempotency_keys"}


@dataclass
class Belongings:
    """What one clinic has: of each kind that stands in an address one, all with names that nobody else has."""

    clinic: Clinic
    author: User
    patient: Patient
    other: Patient
    lesion: Lesion
    analysis: Analysis
    retake: Analysis
    unfiled: Analysis
    batch: Batch
    stopped: Batch
    delivery: Delivery
    waiting: Delivery
    saved: SavedFilter
    token: str = ""
    code: str = ""
    names: tuple[str, ...] = field(default=())

    @property
    def ids(self) -> set[str]:
        """The public ids, and the names, that nobody of another clinic may be told."""
        things = (
            self.clinic, self.patient, self.other, self.lesion, self.analysis, self.retake, self.unfiled, self.batch,
            self.stopped, self.delivery, self.waiting, self.saved,
        )  # fmt: skip
        return {thing.public_id for thing in things} | {self.token, self.code, *self.names} - {""}


def fill(session: Session, storage: Storage, mark: str) -> Belongings:
    """Commit a clinic with a clinician and what that person has made; `mark` stands in every name."""
    clinic = make_clinic(session, f"{mark} clinic")
    author = make_user(session, name=f"{mark} author", clinic=clinic, role=CLINICIAN)
    names = [f"{mark} {word}" for word in ("patient", "other", "nobody", "lesion", "note", "batch", "filter", "file")]
    patient = make_patient(session, author, name=names[0], notes=names[4])
    other = make_patient(session, author, name=names[1])
    lesion = make_lesion(session, patient, label=names[3], note=names[4])
    kept = {"patient_id": patient.id, "lesion_id": lesion.id, "patient_name": names[0], "storage": storage}
    analysis = make_analysis(session, author, **kept, note=names[4], created_at=now() - timedelta(days=9))
    make_analysis(session, author, **kept, created_at=now() - timedelta(days=5))
    retake = make_analysis(session, author, **kept, accepted=False, retake=DUE)
    unfiled = make_analysis(session, author, patient_name=names[2], storage=storage)
    make_outline(session, analysis)
    give(session, analysis, author=author, kind=ASSESSMENT, label="nv", note=names[4])
    give(session, analysis, author=author, kind=DIAGNOSIS, label="nv", basis="histology", note=names[4])
    make_follow_up(session, author, lesion, reason=names[4])
    of_batch = {**belonging_to(author), "model_name": NAME, "naming": ONE, "patient_name": names[0], "label": names[5]}
    batch, stopped = Batch(**of_batch), Batch(**of_batch, started_at=now(), cancelled_at=now())
    saved = SavedFilter(owner_id=author.id, name=names[6], query="label=nv")
    of_delivery = {**belonging_to(author), "destination": "fhir"}
    delivery = Delivery(**of_delivery, analysis_id=analysis.id, state=FAILED, reason=names[4])
    waiting = Delivery(**of_delivery, analysis_id=unfiled.id, state=WAITING)
    session.add_all([batch, stopped, saved, delivery, waiting])
    session.flush()
    done = BatchItem(batch_id=stopped.id, key="1", name=names[7], state=DONE, analysis_id=analysis.id)
    arrived = BatchItem(batch_id=batch.id, key="3", name=names[7], kept=True)
    session.add_all([done, arrived, BatchItem(batch_id=stopped.id, key="2", name=names[7], state=CANCELLED, kept=True)])
    session.commit()
    make_token(session, author)
    return Belongings(
        clinic, author, patient, other, lesion, analysis, retake, unfiled, batch, stopped, delivery, waiting, saved,
        token=all_tokens_of(session, author)[0].public_id, names=tuple(names),
    )  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody who asks: with a browser's cookie and form token on the site, with a bearer token on the API."""

    name: str
    user: User | None = None
    cookie: str = ""
    form_token: str = ""
    bearer: str = ""


class World:
    """The site, what is on it, and who asks; whatever a request changes can be taken back."""

    def __init__(self, app: Flask, session: Session, storage: Storage, database: Path) -> None:
        self.app = app
        self._database = database
        self._copy = database.with_suffix(".copy")
        self.ours, self.theirs = (fill(session, storage, mark) for mark in ("Alder", "Birch"))
        colleague = make_user(session, name="Alder colleague", clinic=self.ours.clinic, role=CLINICIAN)
        people = {
            "author": self.ours.author,
            "colleague": colleague,
            "administrator": make_user(session, name="Alder administrator", clinic=self.ours.clinic),
            "auditor": make_user(session, name="Alder auditor", clinic=self.ours.clinic, role=AUDITOR),
            "other": make_user(session, name="Birch administrator", clinic=self.theirs.clinic, role=ADMINISTRATOR),
        }
        self.members = people
        self.people = {name: self._signed_in(session, name, user) for name, user in people.items()}
        self.people["anonymous"] = self._nobody()
        self.passkey = _passkey(session, self.ours.author)
        self.invitation = _invitation(session, people["administrator"])
        self.sign_in = session.scalars(sign_ins_of(self.ours.author)).one().public_id
        for belongings in (self.ours, self.theirs):
            belongings.code = self._report(session, belongings)
        self.seen = {kind: str(self._newest(session, kind)) for kind in (ASSESSMENT, DIAGNOSIS)}
        session.expunge_all()
        self._copied(database, self._copy)
        self._files, self._kept_files = database.parent / "files", database.parent / "kept"
        shutil.copytree(self._files, self._kept_files)

    def send(self, who: str, method: str, address: str, **options: Any) -> TestResponse:
        """Send a request as a person would, with all that the person has to prove who it is."""
        person = self.people[who]
        headers = dict(options.pop("headers", {}))
        if address.startswith(API):
            headers |= {"Authorization": f"Bearer {person.bearer}"} if person.bearer else {}
        else:
            headers |= {"Cookie": person.cookie} if person.cookie else {}
            if method != "GET" and "json" not in options:
                options["data"] = {**options.get("data", {}), "csrf_token": person.form_token}
            elif method != "GET":
                headers["X-CSRFToken"] = person.form_token
        client = self.app.test_client(use_cookies=False)
        with client.open(address, method=method, headers=headers, buffered=True, **options) as answer:
            answer.get_data()
            return answer

    def digest(self) -> str:
        """Return what stands for all that is recorded, whoever it belongs to."""
        with closing(sqlite3.connect(self._database)) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {
                name: sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))  # noqa: S608 - their names
                for name in tables
                if name not in UNRECORDED and not name.startswith(("sqlite_", "audit"))
            }
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    def restore(self) -> None:
        """Take back whatever was changed or erased."""
        self._copied(self._copy, self._database)
        shutil.copytree(self._kept_files, self._files, dirs_exist_ok=True)

    def _copied(self, source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)

    def _nobody(self) -> Person:
        client = self.app.test_client()
        token = csrf_token(client.get("/login").text)
        return Person("anonymous", None, _cookies(client), token)

    def _signed_in(self, session: Session, name: str, user: User) -> Person:
        client = self.app.test_client()
        sign_in(client, user)
        token = csrf_token(client.get("/preferences").text)
        return Person(name, user, _cookies(client), token, make_token(session, user, scope=ADMIN))

    def _newest(self, session: Session, kind: str) -> int:
        """Return the id of the verdict in force, which the form of a page carries."""
        verdict = newest(verdicts_of(session, self.ours.analysis), kind)
        assert verdict is not None
        return verdict.id

    def _report(self, session: Session, belongings: Belongings) -> str:
        who = "author" if belongings is self.ours else "other"
        answer = self.send(who, "POST", f"/results/{belongings.analysis.public_id}/reports/new")
        assert answer.status_code == 303, answer.text
        of_analysis = session.query(Report).filter(Report.analysis_id == belongings.analysis.id)
        return str(of_analysis.one().code)


def _cookies(client: FlaskClient) -> str:
    """Return what a browser sends along after what it was sent."""
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in client._cookies.values())


def _invitation(session: Session, by: User) -> str:
    """Commit an invitation to a person's clinic, and return its id."""
    invitation = invite(session, by=by, email="invited@clinic.example", role=CLINICIAN)
    session.commit()
    return invitation.public_id


def _passkey(session: Session, user: User) -> str:
    """Commit a passkey of a person, and return its id."""
    session.add(
        Passkey(
            public_id="passkey",
            user_id=user.id,
            credential=b"credential",
            handle=b"handle",
            public_key=b"key",
            sign_count=0,
            name="Alder key",
        )
    )
    session.commit()
    return "passkey"
