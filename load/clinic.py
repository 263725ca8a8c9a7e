"""Fill a new site with clinics and people: ``python -m load.clinic``, in the settings of that site."""

from __future__ import annotations

import json
import secrets
import sys
from typing import Any

from app.auth import services
from app.auth.passwords import current_passwords
from app.auth.tables import User
from app.extensions import db
from app.factory import create_app
from app.security.roles import ADMINISTRATOR, CLINICIAN


def main() -> int:
    """Read how much of each is wanted from standard input; write who can sign in, as JSON."""
    wanted = json.load(sys.stdin)
    with create_app().app_context():
        people = _people(**wanted)
    print(json.dumps(people))
    return 0


def _people(clinics: int, people: int) -> list[dict[str, Any]]:
    found = []
    for number in range(clinics):
        staff = range(number, people, clinics)
        users = [_person(number, each) for each in staff]
        db.session.commit()
        found += [{"email": user.email, "password": password, "clinic": number} for user, password in users]
    return found


def _person(clinic: int, number: int) -> tuple[User, str]:
    password = secrets.token_urlsafe(16)
    joined = None if number == clinic else _founder(clinic).clinic
    user = services.register(
        db.session(),
        current_passwords(),
        name=f"Load {number}",
        email=f"load-{number}@example.org",
        password=password,
        clinic=joined,
        role=ADMINISTRATOR if joined is None else CLINICIAN,
    )
    return user, password


def _founder(clinic: int) -> User:
    founder = services.user_by_email(db.session(), email=f"load-{clinic}@example.org")
    assert founder is not None
    return founder


if __name__ == "__main__":
    sys.exit(main())
