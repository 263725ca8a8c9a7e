"""After a walk through the site no name stands in any byte that it keeps: database, its log, queue, storage."""

from __future__ import annotations

import io

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.patients.tables import Patient
from app.results.tables import Analysis
from config import Settings
from tests.factories import post
from tests.pictures import jpeg, lesion_picture
from tests.postgresql import contents, on_both

MARKER = "Zaubernuss"


def picture(name: str, seed: int = 0) -> tuple[io.BytesIO, str]:
    return io.BytesIO(jpeg(lesion_picture(seed=seed))), name


def kept_with(settings: Settings, session: Session, word: str) -> list[str]:
    """Return the files that a word stands in, and "rows" where those of a server's database have it."""
    spelt = [each.encode(code) for each in (word, word.lower(), word.upper()) for code in ("utf-8", "utf-16-le")]
    files = [path for path in settings.instance.rglob("*") if path.is_file()]
    kept = {path.name: path.read_bytes() for path in files}
    if settings.database_url is not None:
        kept["rows"] = contents(session.connection())
    return [name for name, content in kept.items() if any(each in content for each in spelt)]


@on_both
def test_no_name_stands_in_any_byte_that_is_kept(
    reader: FlaskClient, session: Session, owner: User, settings: Settings
) -> None:
    rows = io.BytesIO(f"file,patient,age\n{MARKER}.jpg,{MARKER} Two,40\n{MARKER}-9.jpg,{MARKER},41\n".encode())
    sent = {
        "naming": "sheet",
        "label": MARKER,
        "spreadsheet": (rows, f"{MARKER}.csv"),
        "files": [picture(f"{MARKER}.jpg", 2)],
    }

    post(reader, "/prediction", {"patient_name": f"Ida {MARKER}", "note": f"{MARKER} bled", "image": picture("a.jpg")})
    post(reader, "/batches/new", sent)
    test = session.scalars(select(Analysis).order_by(Analysis.id)).first()
    patient = session.scalars(select(Patient).order_by(Patient.id)).first()
    assert test is not None
    assert patient is not None
    address = f"/patients/{patient.public_id}"
    post(reader, f"{address}/edit", {"name": f"Eda {MARKER}", "notes": MARKER})
    post(reader, f"/results/{test.public_id}/reports/new", {"kind": "clinical"})
    post(reader, "/previous_tests/saved", {"name": "Mine", "query": f"patient={MARKER}"}, form="/previous_tests/saved")
    reader.get("/previous_tests", query_string={"patient": MARKER, "text": MARKER})
    walked = kept_with(settings, session, MARKER)
    post(reader, f"{address}/erase", {"name": f"Eda {MARKER}"})

    session.expire_all()
    assert session.scalars(select(Patient.name)).all() == [f"{MARKER} Two"]
    assert kept_with(settings, session, owner.email)  # what stays readable is found so
    assert walked == kept_with(settings, session, MARKER) == []
