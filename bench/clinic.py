"""A clinic of any size, written by the database itself, but for names: each row follows from its number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, insert, inspect, text
from sqlalchemy.exc import ProgrammingError

from app.encrypted.ciphers import ciphers_of
from app.encrypted.names import NameIndex
from app.keys import INDEX, data_keys_of
from app.patients.tables import Lesion, Patient
from app.results.tables import Analysis
from app.results.verdicts.tables import Verdict

CHUNK = 50_000  # rows that one statement writes
TESTS_PER_PATIENT, LESIONS_PER_PATIENT = 10, 3
TABLES = (Patient, Lesion, Analysis, Verdict)
GIVEN = (
    "Ada", "Aino", "Amara", "Bea", "Cem", "Clara", "Dora", "Elif", "Emil", "Fatma", "Frida", "Greta", "Hugo", "Ingrid",
    "Ivan", "Juan", "Karim", "Kofi", "Lena", "Malik", "Nora", "Olga", "Paula", "Rosa", "Selma", "Sven", "Tariq", "Yara",
)  # fmt: skip
FAMILY = (
    "Aalto", "Abbas", "Balogh", "Berg", "Bianchi", "Castro", "Cohen", "Dahl", "Demir", "Diaz", "Dupont", "Fischer",
    "Garcia", "Hansen", "Ito", "Jensen", "Kaya", "Khan", "Koch", "Kowalski", "Kumar", "Lund", "Moreau", "Nagy", "Nair",
    "Novak", "Okafor", "Park", "Reyes", "Rossi", "Santos", "Schmidt", "Singh", "Sorensen", "Tanaka", "Weiss", "Zimmer",
)  # fmt: skip
INITIALS = tuple(f"{letter}." for letter in "ABCDEFGHIJKLMNOPRSTVW")
LESIONS_CALLED = ("Left shoulder", "Right forearm", "Below the navel", "Behind the ear", "Inner thigh", "Nape")
SAID = "Excised, see histology."
START = datetime(2016, 1, 1, tzinfo=UTC)
NOTES = (
    "Itches since spring.", "Bled once after shaving.", "Grown since the last visit.", "Stable for two years.",
    "Partner noticed a change of colour.", "Melanoma in the family.", "Sunburns in childhood.",
)  # fmt: skip
SITES = ("back", "lower extremity", "trunk", "abdomen", "upper extremity", "face", "chest", "foot", "neck", "ear")
HEATMAP = str([[0.0123456789012345] * 7] * 7)
PROBABILITIES = '{"akiec": 0.03, "bcc": 0.05, "bkl": 0.11, "df": 0.01, "mel": 0.11, "nv": 0.68, "vasc": 0.01}'
SIMILAR = str([{"image": "ISIC_0000000", "label": "nv", "likeness": 0.8123456789012345}] * 5).replace("'", '"')
# shares of the classes as in HAM10000
LABEL = """
    CASE WHEN {0} < .66 THEN 'nv' WHEN {0} < .77 THEN 'mel' WHEN {0} < .88 THEN 'bkl' WHEN {0} < .93 THEN 'bcc'
    WHEN {0} < .96 THEN 'akiec' WHEN {0} < .986 THEN 'vasc' ELSE 'df' END
"""


def drawn(of: str, multiplier: int) -> str:
    """Return SQL for a whole number that follows from another, and from nothing else."""
    return f"(({of} + 1) * ({of} + 1) % 2147483647 * {multiplier} % 2147483647)"


def chance(of: str, multiplier: int) -> str:
    """Return SQL for a number in [0, 1), drawn in the same way."""
    return f"({drawn(of, multiplier)} / 2147483648.0)"


def choice(words: Sequence[str], position: str) -> str:
    """Return SQL for one of the words; `position` is SQL for a whole number."""
    cases = " ".join(f"WHEN {number} THEN '{word}'" for number, word in enumerate(words))
    return f"CASE {position} % {len(words)} {cases} END"


NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)",
    "postgresql": "WITH numbers AS (SELECT n FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n)",
}
MOMENT = {  # over ten years from 2016
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S', 1451606400 + n * 315000000 / :tests, 'unixepoch') || '.000000'",
    "postgresql": "to_timestamp(1451606400 + n * 315000000 / :tests)",
}
NAMES = f"""
    {{numbers}}
    SELECT n, {choice(GIVEN, drawn("n", 1103515245))} || ' ' || {choice(INITIALS, drawn("n", 1664525))} || ' ' ||
        {choice(INITIALS, drawn("n", 22695477))} || ' ' || {choice(FAMILY, drawn("n", 1013904223))} FROM numbers
"""
LESIONS = f"""
    {{numbers}}
    INSERT INTO lesions (id, public_id, patient_id, label, created_at)
    SELECT :before + n + 1, 'bench-' || (:before + n), :before + n / {LESIONS_PER_PATIENT} + 1,
        {choice(LESIONS_CALLED, "n")}, '2016-01-01 00:00:00'
    FROM numbers
"""
NOTE = (
    f"CASE n % {len(NOTES)} " + " ".join(f"WHEN {n} THEN CAST(:note_{n} AS TEXT)" for n in range(len(NOTES))) + " END"
)
# what each number of an analysis decides, by a multiplier of its own
ANALYSES = f"""
    {{numbers}}, drawn AS (
        SELECT n, {drawn("n", 48271)} % :patients AS p, {chance("n", 69621)} AS chance_of_label,
            {chance("n", 16807)} AS u, {chance("n", 40692)} AS chance_of_answer,
            {chance("n", 39373)} AS chance_of_verdict,
            {chance("n", 630360016)} AS chance_of_slip, {chance("n", 742938285)} AS chance_of_patient,
            {chance("n", 950706376)} AS chance_of_note
        FROM numbers
    ), answered AS (
        SELECT *, {LABEL.format("chance_of_label")} AS label, chance_of_answer < 0.96 AS accepted FROM drawn
    ), weighed AS (
        SELECT *, CASE WHEN label IN ('mel', 'bcc', 'akiec') THEN 0.5 + u / 2 ELSE u * u * u / 2 END AS malignancy
        FROM answered
    )
    INSERT INTO analyses (
        id, public_id, clinic_id, author_id, created_at, patient_id, lesion_id, patient_name, patient_key, age,
        body_site, note, model_name, model_version, label, probabilities, malignancy, accepted, suspicion, threshold,
        reasons, heatmap, "similar", assessment, diagnosis, photograph_sha256, width, height, frame_left, frame_top,
        frame_side
    )
    SELECT :before + n + 1, 'bench-' || (:before + n), :clinic, :author, {{moment}},
        CASE WHEN chance_of_patient < 0.995 THEN patients.id END,
        CASE WHEN chance_of_patient < 0.8 THEN :before + p * {LESIONS_PER_PATIENT} + 1 + n % {LESIONS_PER_PATIENT} END,
        named.sealed, patients.name_key, 20 + n % 60, {choice(SITES, "(p + n % 3)")},
        CASE WHEN chance_of_note < 0.2 THEN {NOTE} END,
        CASE WHEN n % 5 = 0 THEN 'alexnet-ham7' ELSE 'mobilenetv2-ham7' END, '1.0.0', label, '{PROBABILITIES}',
        malignancy, accepted, CASE WHEN accepted THEN malignancy ELSE -1 END, 0.12, '[]', '{HEATMAP}', '{SIMILAR}',
        CASE WHEN chance_of_verdict < 0.3 THEN CASE WHEN chance_of_slip < 0.9 THEN label ELSE 'nv' END END,
        CASE WHEN chance_of_verdict < 0.06 THEN CASE WHEN chance_of_slip > 0.1 THEN label ELSE 'mel' END END,
        '', 600, 450, 75, 0, 450
    FROM weighed JOIN patients ON patients.id = :before + p + 1 JOIN named ON named.id = patients.id
"""
VERDICTS = """
    INSERT INTO verdicts (analysis_id, clinic_id, author_name, kind, label, note, blind, created_at, author_id)
    SELECT id, clinic_id, 'Bench', '{kind}', {kind}, CASE WHEN id % 10 = 0 THEN CAST(:said AS TEXT) END, false,
        created_at, author_id
    FROM analyses WHERE author_id = :author AND {kind} IS NOT NULL
"""


def fill(engine: Engine, *, author: tuple[int, int], tests: int, before: int = 0) -> None:
    """Write `tests` analyses of one author, with patients, lesions and verdicts; ids start behind `before`.

    `author` is given by the ids of account and clinic.
    """
    patients = max(1, tests // TESTS_PER_PATIENT)
    parts = ((LESIONS, LESIONS_PER_PATIENT * patients), (ANALYSES, tests))
    scale: dict[str, Any] = {
        "author": author[0], "clinic": author[1], "tests": tests, "patients": patients, "before": before
    }  # fmt: skip
    with engine.begin() as connection:
        seal = partial(_sealed, connection)
        scale |= {f"note_{number}": seal("analyses.note", note) for number, note in enumerate(NOTES)}
        scale["said"] = seal("verdicts.note", SAID)
        connection.execute(text("CREATE TEMP TABLE named (id INTEGER PRIMARY KEY, sealed TEXT)"))
        for first in range(0, patients, CHUNK):
            _write_patients(connection, scale, first, min(first + CHUNK, patients) - 1)
        for statement, rows in parts:
            for first in range(0, rows, CHUNK):
                last = min(first + CHUNK, rows) - 1
                _run(connection, statement, {**scale, "first": first, "last": last})
        for kind in ("assessment", "diagnosis"):
            _run(connection, VERDICTS.format(kind=kind), scale)
        connection.execute(text("DROP TABLE named"))


def _write_patients(connection: Connection, scale: dict[str, Any], first: int, last: int) -> None:
    """Write patients, encrypted as the site does it, with the marks that they are found by."""
    found = _run(connection, NAMES, {**scale, "first": first, "last": last}).all()
    index = NameIndex(data_keys_of(connection).secret(INDEX), scale["clinic"])
    patients, named, marks = [], [], []
    for number, name in found:
        id_, key = scale["before"] + number + 1, index.key(name)
        patients.append({
            "id": id_, "public_id": f"bench-{id_ - 1}", "clinic_id": scale["clinic"], "author_id": scale["author"],
            "name": name, "name_key": key, "created_at": START,
        })  # fmt: skip
        named.append({"id": id_, "sealed": _sealed(connection, "analyses.patient_name", name)})
        marks += [{"mark": mark, "name_key": key} for mark in index.marks(name)]
    connection.execute(insert(Patient), patients)
    connection.execute(text("INSERT INTO named VALUES (:id, :sealed)"), named)
    connection.execute(
        text("INSERT INTO name_marks (mark, name_key) VALUES (:mark, :name_key) ON CONFLICT DO NOTHING"), marks
    )


def _sealed(connection: Connection, place: str, words: str) -> str:
    return ciphers_of(connection).seal(words.encode(), place.encode())


def _run(connection: Connection, statement: str, values: dict[str, Any]) -> CursorResult[*tuple[Any, ...]]:
    dialect = connection.dialect.name
    written = text(statement.replace("{numbers}", NUMBERS[dialect]).replace("{moment}", MOMENT[dialect]))
    named = {name: values[name] for name in written.compile().params}
    return connection.execute(written, named)


@contextmanager
def without_indexes(engine: Engine) -> Iterator[None]:
    """Take the indexes of the tables away while rows are written, and make them at the end, which is quicker."""
    indexes = [index for table in TABLES for index in inspect(table).local_table.indexes]
    with engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
    yield
    with engine.begin() as connection:
        for index in indexes:
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("ANALYZE"))
            return
        connection.execute(text("VACUUM ANALYZE"))
        with suppress(ProgrammingError):  # not everybody may ask for it
            connection.execute(text("CHECKPOINT"))  # or what was written goes to the disk while searches are timed
