from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.auth.tables import User
from app.batches.tables import DONE, FAILED, WAITING, Batch, BatchItem
from app.clock import now
from app.extensions import db
from app.jobs import Queue
from app.jobs.registry import JOBS
from app.patients.tables import Patient
from app.results.tables import Analysis
from app.storage import Storage
from tests.dicoms import baseline, dicom
from tests.factories import belonging_to, csrf_token, make_analysis, make_patient, make_user, post, send_whole, sign_in
from tests.pictures import lesion_picture, png

PICTURES = [png(lesion_picture(seed, (96, 80))) for seed in range(3)]
BROKEN = PICTURES[0][:500]
File = tuple[io.BytesIO, str]
Items = Callable[[], list[BatchItem]]
Newest = Callable[[], Batch]


def file(name: str, content: bytes = PICTURES[0]) -> File:
    return io.BytesIO(content), name


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def send(reader: FlaskClient, *files: File, **fields: Any) -> Any:
    return post(reader, "/batches/new", {"patient_name": "Ingrid", "files": list(files), **fields})


def sheet(text: str) -> File:
    return file("list.csv", text.encode())


@pytest.fixture
def newest(session: Session) -> Newest:
    def find() -> Batch:
        session.expire_all()
        return session.scalars(select(Batch).order_by(Batch.id.desc())).first()

    return find


@pytest.fixture
def items(session: Session) -> Items:
    def find() -> list[BatchItem]:
        session.expire_all()
        return list(session.scalars(select(BatchItem).order_by(BatchItem.id)))

    return find


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Hold jobs back, as a queue does whose worker is away; the value lists them."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(Queue, "send", lambda _self, name, args, _kwargs: sent.append((name, *args)))
    return sent


def made_tests(session: Session) -> list[Analysis]:
    session.expire_all()
    return list(session.scalars(select(Analysis).order_by(Analysis.id)))


def test_photographs_sent_with_one_form_become_tests_of_one_patient(
    reader: FlaskClient, session: Session, items: Items, newest: Newest
) -> None:
    response = send(reader, *(file(f"{n}.png", picture) for n, picture in enumerate(PICTURES)))

    page = reader.get(response.location).text
    assert response.status_code == 303
    assert response.location == f"/batches/{newest().public_id}"
    assert [item.state for item in items()] == [DONE] * 3
    assert {test.patient_name for test in made_tests(session)} == {"Ingrid"}
    assert len({test.patient_id for test in made_tests(session)}) == 1
    assert "3 of 3 files" in page
    assert "Finished" in page


def test_a_failed_file_does_not_stop_the_others_and_says_why(
    reader: FlaskClient, session: Session, items: Items
) -> None:
    response = send(
        reader, file("a.png"), file("notes.txt", b"hello"), file("b.png", BROKEN), file("c.png", PICTURES[1])
    )

    page = reader.get(response.location).text
    assert [item.state for item in items()] == [DONE, FAILED, FAILED, DONE]
    assert len(made_tests(session)) == 2
    assert "This is text, not a photograph" in page
    assert "The photograph is damaged or incomplete" in page
    assert "Can be tried again" not in page


def test_of_a_dicom_file_the_pixels_alone_wait_and_the_batch_says_who_it_shows(
    reader: FlaskClient, app: Flask, session: Session, storage: Storage, held: list[Any]
) -> None:
    send(reader, file("a.dcm", dicom(PatientName="Planted^Jane", PatientID="Planted")))

    waiting = [storage.get(key) for key, _ in storage.keys()]  # noqa: SIM118 - no mapping
    assert len(waiting) == 1
    assert b"Planted" not in waiting[0]
    with app.app_context():
        for name, *args in list(held):
            JOBS[name](*args)
    assert [test.patient_name for test in made_tests(session)] == ["Ingrid"]


def test_dicom_files_that_have_to_be_looked_at_are_refused_and_say_where_they_can_be(
    reader: FlaskClient, items: Items
) -> None:
    several = baseline(lesion_picture(1, (96, 80)), lesion_picture(2, (96, 80)))
    written = dicom(BurnedInAnnotation="YES")

    send(reader, file("a.dcm", several), file("b.dcm", written), file("c.dcm", dicom()[:-9]))

    reasons = [item.reason or "" for item in items()]
    assert [item.state for item in items()] == [FAILED] * 3
    assert all("send it by itself as a new test" in reason for reason in reasons[:2])
    assert "damaged or incomplete" in reasons[2]


def test_files_are_erased_from_where_they_waited_once_they_are_done_or_refused(
    reader: FlaskClient, storage: Storage, items: Items
) -> None:
    send(reader, file("a.png"), file("b.png", BROKEN))

    assert not [key for key, _ in storage.keys() if key.startswith("batches/")]  # noqa: SIM118 - no mapping
    assert not any(item.kept for item in items())


def test_what_was_said_of_a_patient_is_kept_with_the_test_alone(
    reader: FlaskClient, session: Session, items: Items
) -> None:
    rows = "file name;patient;age;sex;site\na.png;Cem;54;m;back\n"

    send(reader, file("clinic/a.png"), naming="sheet", spreadsheet=sheet(rows))

    (test,), (item,) = made_tests(session), items()
    assert (test.patient_name, test.age, test.sex, test.body_site) == ("Cem", 54, "male", "back")
    assert (item.patient_name, item.age, item.sex, item.body_site) == (None,) * 4


def test_folders_can_name_the_patients(reader: FlaskClient, session: Session, items: Items) -> None:
    send(reader, file("clinic/Cem/a.png"), file("clinic/Ada/a.png", PICTURES[1]), file("b.png"), naming="folder")

    assert [test.patient_name for test in made_tests(session)] == ["Cem", "Ada"]
    assert items()[2].reason == "It lies in no folder that could name the patient."


def test_a_line_that_could_mean_two_files_speaks_of_neither(
    reader: FlaskClient, session: Session, items: Items
) -> None:
    rows = "file,patient\na.png,Cem\nx/b.png,Ada\nz.png,Nobody\n"

    response = send(
        reader,
        file("x/a.png"),
        file("y/a.png"),
        file("x/b.png"),
        file("y/b.png"),
        naming="sheet",
        spreadsheet=sheet(rows),
    )

    assert [test.patient_name for test in made_tests(session)] == ["Ada"]
    assert [item.reason and item.reason[:13] for item in items()] == [
        "Several files",
        "Several files",
        None,
        "The spreadshe",
    ]
    assert "names files that were not sent" in reader.get(response.location).text


def test_a_wrong_spreadsheet_is_refused_by_line_and_nothing_is_kept(reader: FlaskClient, newest: Newest) -> None:
    response = send(reader, file("a.png"), spreadsheet=sheet("file,age,sex\na.png,150,f\nb.png,5,x\n"))

    assert response.status_code == 422
    assert "Line 2: “150” is not an age in whole years, from 0 to 120." in response.text
    assert "Line 3: “x” is not a sex" in response.text
    assert newest() is None


def test_a_spreadsheet_can_be_looked_at_before_anything_is_sent(reader: FlaskClient) -> None:
    text = "Image ID,Patient,Localization,dx\nISIC_1,<b>Cem</b>,lower extremity,mel\n"

    answer = post(reader, "/batches/spreadsheet", {"spreadsheet": sheet(text)}, form="/batches/new")

    assert "1 line understood" in answer.text
    assert "&lt;b&gt;Cem&lt;/b&gt;" in answer.text
    assert "Passed over: dx." in answer.text


def test_a_zip_file_is_unpacked_and_its_photographs_are_analysed(
    reader: FlaskClient, session: Session, items: Items
) -> None:
    packed = zipped(**{"Cem/1.png": PICTURES[0], "Ada/1.png": PICTURES[1], "__MACOSX/._1.png": b"x", ".DS_Store": b"x"})

    send(reader, file("clinic.zip", packed), naming="folder")

    assert [item.name for item in items()] == ["Cem/1.png", "Ada/1.png"]
    assert [test.patient_name for test in made_tests(session)] == ["Cem", "Ada"]


def test_of_a_hostile_zip_file_nothing_is_kept(reader: FlaskClient, storage: Storage, newest: Newest) -> None:
    packed = zipped(**{"a.png": PICTURES[0], "inner.zip": zipped(a=b"b")})

    response = send(reader, file("clinic.zip", packed))

    assert response.status_code == 422
    assert "The zip file holds another archive" in response.text
    assert newest() is None
    assert not list(storage.keys())


def test_files_can_be_sent_one_by_one_and_only_what_is_missing_again(
    reader: FlaskClient, session: Session, newest: Newest, items: Items
) -> None:
    script = {"X-Requested-With": "fetch"}
    token = csrf_token(reader.get("/batches/new").text)
    fields = {"csrf_token": token, "patient_name": "Ingrid", "naming": "one", "model": "mobilenetv2-ham7"}
    made = reader.post("/batches/new", data=fields, headers=script)
    address = made.json["address"]
    one = {"csrf_token": token, "path": "day/1.png"}
    first = reader.post(f"{address}/files", data={**one, "files": file("file")}, headers=script)
    again = reader.post(f"{address}/files", data={**one, "files": file("file")}, headers=script)
    listed = {"files": [["day/1.png", len(PICTURES[0])], ["day/2.png", 10], [".DS_Store", 5]]}

    missing = reader.post(f"{address}/missing", json=listed, headers={**script, "X-CSRFToken": token})
    reader.post(f"{address}/start", data={"csrf_token": token})

    assert (made.status_code, first.json["kept"], again.json["kept"]) == (201, 1, 0)
    assert missing.json == {"missing": [1]}
    assert [item.name for item in items()] == ["day/1.png"]
    assert len(made_tests(session)) == 1
    late = reader.post(f"{address}/files", data={"csrf_token": token, "files": file("9.png")}, headers=script)
    assert late.status_code == 409
    assert "has begun" in late.json["error"]


def test_a_chosen_patient_counts_and_fills_in_what_is_known(reader: FlaskClient, session: Session, owner: User) -> None:
    known = make_patient(session, owner, name="Ingrid Sørensen", sex="female")
    make_patient(session, owner, name="Ingrid Sørensen")

    post(reader, f"/batches/new?patient={known.public_id}", {"files": [file("a.png")]})

    (test,) = made_tests(session)
    assert (test.patient_id, test.sex) == (known.id, "female")


def test_in_doubt_a_name_decides_nothing_here_either(reader: FlaskClient, session: Session, owner: User) -> None:
    make_patient(session, owner, name="Ingrid")
    make_patient(session, owner, name="Ingrid")

    response = send(reader, file("a.png"))

    assert made_tests(session)[0].patient_id is None
    assert "Not kept with a patient yet" in reader.get(response.location).text


def test_cancelled_files_wait_again_when_work_goes_on(
    reader: FlaskClient, session: Session, held: list[Any], items: Items, app: Flask
) -> None:
    address = send(reader, file("a.png"), file("b.png")).location

    post(reader, f"{address}/cancel", form=address)
    cancelled = [item.state for item in items()]
    page = reader.get(address).text
    post(reader, f"{address}/resume", form=address)

    assert cancelled == ["cancelled"] * 2
    assert "0 of 2 files, 2 cancelled" in page
    assert "Go on with the cancelled files" in page
    assert [item.state for item in items()] == [WAITING] * 2
    assert len(held) == 2


def test_only_failures_that_may_be_mended_are_tried_again(
    reader: FlaskClient, session: Session, patient: Patient, held: list[Any], items: Items
) -> None:
    app = reader.application
    form = f"/batches/new?patient={patient.public_id}"
    address = post(reader, form, {"files": [file("a.png"), file("b.png", BROKEN)]}).location
    patient.archived_at = now()
    session.commit()
    run(app, held)
    page = reader.get(address).text
    patient.archived_at = None
    session.commit()

    post(reader, f"{address}/retry", form=address)
    run(app, held)

    again = reader.get(address).text
    assert "Try the 2 failed again" in page
    assert "No test is kept with an archived patient." in page
    assert [(item.state, item.retryable) for item in items()] == [(DONE, False), (FAILED, False)]
    assert "failed again" not in again


def run(app: Flask, held: list[Any]) -> None:
    """Do what was held back, and what comes of it."""
    while held:
        name, *args = held.pop(0)
        with app.app_context():
            JOBS[name](*args)


def test_a_batch_is_deleted_and_its_tests_stay(
    reader: FlaskClient, session: Session, storage: Storage, newest: Newest
) -> None:
    address = send(reader, file("a.png")).location

    response = post(reader, f"{address}/delete", form=address)

    assert response.location == "/batches"
    assert newest() is None
    assert len(made_tests(session)) == 1


def test_files_that_wait_are_erased_with_their_batch(
    reader: FlaskClient, storage: Storage, held: list[Any], items: Items
) -> None:
    address = send(reader, file("a.png")).location
    (waiting,) = items()

    post(reader, f"{address}/delete", form=address)

    assert held[-1] == ("app.batches.jobs.erase_originals", [waiting.public_id])


def test_a_deleted_test_leaves_its_batch_too(reader: FlaskClient, session: Session, items: Items) -> None:
    send(reader, file("a.png"), file("b.png", PICTURES[1]))
    address = f"/results/{made_tests(session)[0].public_id}"

    post(reader, f"{address}/delete", form=address)

    assert [item.name for item in items()] == ["b.png"]


def read_csv(reader: FlaskClient, address: str) -> list[dict[str, str]]:
    content = reader.get(f"{address}/results.csv").data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content, newline="")))


def test_the_table_has_a_line_for_each_file_and_no_formulas(reader: FlaskClient) -> None:
    address = send(reader, file("=1+1.png"), file("@x.txt", b"text"), patient_name="+Cem").location

    rows = read_csv(reader, address)

    assert [row["file"] for row in rows] == ["'=1+1.png", "'@x.txt"]
    assert rows[0]["patient"] == "'+Cem"
    assert 0 < float(rows[0]["malignancy"]) < 1
    assert rows[1]["state"] == "failed"
    assert "text" in rows[1]["reason"]


def test_results_are_listed_most_suspicious_first_and_page_by_page(
    reader: FlaskClient, session: Session, owner: User, newest: Newest, held: list[Any]
) -> None:
    address = send(reader, *(file(f"{n}.png", PICTURES[n]) for n in range(2))).location
    fill(session, owner, newest(), [n / 100 for n in range(60)])

    first = reader.get(address).text
    following = address + "?sort=suspicious&after=" + first.split("after=")[1].split("#")[0].split('"')[0]
    second = reader.get(following).text
    by_name = reader.get(f"{address}?sort=file").text

    assert first.index("f59.png") < first.index("f58.png") < first.index("f10.png")
    assert "f09.png" not in first
    assert "f09.png" in second
    assert "f10.png" not in second
    assert by_name.index("f00.png") < by_name.index("f01.png")


def fill(session: Session, owner: User, batch: Batch, malignancies: list[float], **columns: Any) -> None:
    for n, malignancy in enumerate(malignancies):
        test = make_analysis(session, owner, malignancy=malignancy, **columns)
        name = f"f{n:02}.png"
        session.add(BatchItem(batch_id=batch.id, key=name, name=name, state=DONE, analysis_id=test.id))
    session.commit()


def test_a_concealed_answer_is_told_nowhere_not_even_by_its_place(
    reader: FlaskClient, session: Session, owner: User, newest: Newest, held: list[Any]
) -> None:
    address = send(reader, file("a.png")).location
    fill(session, owner, newest(), [0.1, 0.9, 0.5])
    make_seen = session.scalars(select(Analysis).where(Analysis.malignancy == 0.5)).one()
    make_seen.assessment = "nv"
    owner.blind = True
    session.commit()

    page, rows = reader.get(address).text, read_csv(reader, address)
    pdf = reader.get(f"{address}/results.pdf").data

    assert page.index("f02.png") < page.index("f00.png") < page.index("f01.png")
    assert page.count("Hidden until you have entered your assessment") == 2
    assert "90" not in page.split("Results</h2>")[1].split("</table>")[0].replace("&nbsp;", " ").split("f00")[1]
    assert [row["malignancy"] for row in rows] == ["0.5", "", "", ""]
    assert [row["file"] for row in rows][:3] == ["f02.png", "f00.png", "f01.png"]
    assert text_of(pdf).count("Hidden until you have") == 2


def text_of(pdf: bytes) -> str:
    from pypdf import PdfReader

    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def test_one_document_has_all_results_and_what_failed(reader: FlaskClient, session: Session) -> None:
    address = send(reader, file("a.png"), file("b.txt", b"text"), label="Clinic on Tuesday").location

    response = reader.get(f"{address}/results.pdf")

    text = text_of(response.data)
    assert response.headers["Content-Disposition"].startswith('attachment; filename="lentigo-batch-')
    assert "Clinic on Tuesday" in text
    assert "1 of 2 files analysed, 1 not analysed" in text
    assert "Not analysed" in text
    assert "This is text, not a photograph" in text


def test_the_progress_is_a_part_of_the_page(reader: FlaskClient, newest: Newest, held: list[Any]) -> None:
    address = send(reader, file("a.png"), file("b.png")).location

    name = f"batch:{newest().public_id}"

    told, page = reader.get(f"/live/{name}").json, reader.get(address).text

    assert not told["over"]
    assert told["parts"][name].strip() in page
    assert f'data-live="{name}"' in page
    assert "0 of 2 files" in told["parts"][name]
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page


@pytest.fixture
def queries(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_pages_ask_the_database_as_often_for_many_as_for_few(
    reader: FlaskClient, session: Session, newest: Newest, held: list[Any], queries: list[str]
) -> None:
    owner = session.scalars(select(User)).one()

    def asked(address: str) -> int:
        queries.clear()
        reader.get(address)
        return len(queries)

    address = send(reader, file("a.png")).location
    fill(session, owner, newest(), [0.5])
    few = [asked(page) for page in ("/batches", address)]
    fill_more = [Batch(**belonging_to(owner), model_name="m", naming="one") for _ in range(15)]
    session.add_all(fill_more)
    session.commit()
    for n in range(30):
        test = make_analysis(session, owner)
        session.add(BatchItem(batch_id=newest().id - 15, key=str(n), name=str(n), state=DONE, analysis_id=test.id))
    session.commit()

    assert [asked(page) for page in ("/batches", address)] == few


def test_strangers_and_the_anonymous_see_and_change_nothing(
    app: Flask, reader: FlaskClient, session: Session, items: Items, held: list[Any]
) -> None:
    address = send(reader, file("a.png")).location
    pages = [address, address.replace("/batches/", "/live/batch:"), f"{address}/results.csv", f"{address}/results.pdf"]
    deeds = [f"{address}/{deed}" for deed in ("files", "missing", "start", "cancel", "resume", "retry", "delete")]
    stranger, anonymous = app.test_client(), app.test_client()
    sign_in(stranger, make_user(session))

    seen = [stranger.get(page).status_code for page in pages]
    done = [post(stranger, deed, form="/batches/new").status_code for deed in deeds]
    turned_away = [anonymous.get(page).location for page in [*pages, "/batches", "/batches/new"]]

    assert (seen, done) == ([404] * len(pages), [404] * len(deeds))
    assert all(location.startswith("/login?next=") for location in turned_away)
    assert [item.state for item in items()] == [WAITING]
    assert "No batches yet" in stranger.get("/batches").text


def test_a_batch_takes_only_so_many_files(reader: FlaskClient, app: Flask, newest: Newest) -> None:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.model_copy(update={"batch_photographs": 2})

    response = send(reader, *(file(f"{n}.png") for n in range(3)))

    assert response.status_code == 422
    assert "A batch takes 2 files at most" in response.text
    assert newest() is None


def test_a_form_may_be_larger_here_and_nowhere_else(reader: FlaskClient) -> None:
    large = b"\0" * (17 * 1024 * 1024)
    token = csrf_token(reader.get("/batches/new").text)

    here = send_whole(reader, token, large, "/batches/new", "files")
    elsewhere = send_whole(reader, token, large)

    assert (here.status_code, elsewhere.status_code) == (303, 413)
    assert "larger than 16 MB" in reader.get(here.location).text


def test_the_new_test_leads_to_many_photographs(reader: FlaskClient, patient: Patient) -> None:
    page = reader.get(f"/prediction?patient={patient.public_id}").text

    assert f'href="/batches/new?patient={patient.public_id}"' in page
