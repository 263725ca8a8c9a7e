"""Lentigo for Python programs: one file, to be copied beside yours. It needs httpx, and nothing else.

    from lentigo_client import Lentigo

    with Lentigo("https://lentigo.clinic.example", token) as lentigo:
        prediction = lentigo.predict("lesion.jpg", age=54, sex="female", body_site="back")
        if prediction["accepted"]:
            print(prediction["label"], prediction["malignancy"])
        else:
            print("not to be relied on:", prediction["reasons"])

Whatever makes something is sent with an Idempotency-Key of its own: a request whose answer was lost is sent again, and
nothing is made twice. Answers are dictionaries, described by the TypedDicts below; they may have more members.

Decision support, not a diagnosis: whoever shows an answer must also show whether the photograph was accepted.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypedDict, cast

import httpx

ATTEMPTS = 4
PAUSE = 0.5  # seconds, doubled with every attempt
LONGEST_PAUSE = 30.0
AGAIN = {429, 502, 503, 504}
GONE = 404
STARTED = 409
IN_USE = "idempotency-key-in-use"


class Links(TypedDict):
    """Addresses of what belongs to a test."""

    self: str
    image: str
    thumbnail: str
    heatmap: str | None
    report: str | None
    verdicts: str
    patient: str | None
    lesion: str | None
    page: str


class Caution(TypedDict):
    """What limits an answer, or prevents one, and what can be done about it."""

    code: str
    problem: str
    remedy: str


class Remark(TypedDict):
    """A sentence on how far the answer can be relied on."""

    text: str
    caution: bool


class Frame(TypedDict):
    """The square that the classifier saw, in pixels of the kept photograph."""

    left: int
    top: int
    side: int


class DiagnosticClass(TypedDict):
    """A class that a classifier tells apart."""

    code: str
    name: str
    malignant: bool


class SimilarLesion(TypedDict):
    """A lesion that the classifier learned from and that looks alike to it."""

    image_id: str
    label: str
    label_name: str
    malignant: bool
    confirmed_by: str
    confirmed: str
    similarity: float


class Outline(TypedDict):
    """The outline of the lesion and its measures; `polygon` in fractions of the photograph's width and height."""

    version: str
    confidence: float
    refused: str | None
    why_not: str | None
    polygon: list[list[float]]
    area: float | None
    diameter: float | None
    asymmetry: float | None
    irregularity: float | None
    notching: float | None
    colour_spread: float | None
    colours: list[str] | None
    hair: float | None
    px_per_mm: float | None
    area_mm2: float | None
    diameter_mm: float | None


class Verdict(TypedDict):
    """What was said of a lesion at one time; times are ISO 8601, UTC."""

    number: int
    kind: Literal["assessment", "diagnosis"]
    label: str | None
    label_name: str | None
    in_force: bool
    basis: str | None
    found_on: str | None
    note: str | None
    author: str
    blind: bool
    created_at: str


class DicomSays(TypedDict):
    """What a DICOM file says of patient and photograph; it is answered to whoever sends the file, and kept nowhere."""

    name: str | None
    other_names: list[str]
    patient_id: str | None
    born: str | None
    age: int | None
    sex: str | None
    body_site: str | None
    region: str | None
    side: str | None
    taken: str | None
    device: str | None
    burned_in: bool
    recognisable: bool
    pictures: int


class ListedPrediction(TypedDict):
    """A test as lists have it; its answer is None where the photograph was not accepted, or while it is concealed."""

    id: str
    created_at: str
    model: str
    version: str
    accepted: bool
    concealed: bool
    reasons: list[str]
    label: str | None
    probabilities: dict[str, float] | None
    malignancy: float | None
    threshold: float | None
    alert: bool | None
    patient: str | None
    patient_name: str
    lesion: str | None
    age: int | None
    sex: str | None
    body_site: str | None
    assessment: str | None
    diagnosis: str | None
    retake: str | None
    links: Links


class Prediction(ListedPrediction):
    """A test with everything that is known of it."""

    label_name: str | None
    malignant: bool | None
    summary: str | None
    cautions: list[Caution]
    remarks: list[Remark] | None
    probabilities_with_patient: dict[str, float] | None
    views: int | None
    views_changed: int | None
    classes: list[DiagnosticClass]
    note: str | None
    width: int
    height: int
    sha256: str
    frame: Frame
    milliseconds: int | None
    outline: Outline | None
    verdicts: list[Verdict]
    similar: list[SimilarLesion] | None
    heatmap: list[list[float]] | None
    scores: dict[str, float] | None
    dicom: DicomSays | None


class Patient(TypedDict):
    """A patient, and how many tests are kept."""

    id: str
    name: str
    birth_year: int | None
    sex: str | None
    skin_type: int | None
    notes: str | None
    archived: bool
    created_at: str
    tests: int
    last_test_at: str | None


class Place(TypedDict):
    """A point on the body map, in fractions of the figure's width and height."""

    side: str
    x: float
    y: float


class FollowUp(TypedDict):
    """A follow-up that is planned."""

    due: str
    reason: str | None
    created_at: str


class Lesion(TypedDict):
    """A lesion of a patient."""

    id: str
    patient: str
    label: str
    body_site: str | None
    place: Place | None
    first_noticed: str | None
    note: str | None
    created_at: str
    follow_up: FollowUp | None
    tests: int


class Counts(TypedDict):
    """How many files of a batch are in which state."""

    waiting: int
    running: int
    done: int
    failed: int
    cancelled: int
    total: int


class ListedBatch(TypedDict):
    """A batch as lists have it; `state` is sending, working, finished or cancelled."""

    id: str
    label: str | None
    model: str
    naming: str
    state: str
    counts: Counts
    created_at: str
    started_at: str | None


class Batch(ListedBatch):
    """A batch at this moment."""

    per_minute: float | None
    seconds_left: float | None
    quiet: bool
    retryable: int
    resumable: int
    unmatched: list[str]


class SentFile(TypedDict):
    """What became of a file that was sent for a batch: it was added, was there before, or is refused."""

    name: str
    outcome: Literal["added", "there", "refused"]
    reason: str | None


class BatchFile(TypedDict):
    """A file of a batch and, once it is done, the test that was made of it."""

    name: str
    state: str
    reason: str | None
    retryable: bool
    prediction: ListedPrediction | None


class Health(TypedDict):
    """What is needed to answer a photograph, and whether it is there."""

    status: Literal["ok", "failed"]
    checks: dict[str, Literal["ok", "failed"]]


class Figure(TypedDict):
    """A figure with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


class OperatingPoint(TypedDict):
    """A threshold on malignancy, and what it reached on the test photographs."""

    name: str
    threshold: float
    sensitivity: Figure | None
    specificity: Figure | None


class Measured(TypedDict):
    """What was measured on the test photographs."""

    split: str
    photographs: int | None
    lesions: int | None
    leak: str | None
    figures: dict[str, Figure]


class Model(TypedDict):
    """A classifier: what it tells apart, how large it is, and how it was measured."""

    name: str
    title: str
    task: str
    version: str
    default: bool
    classes: list[DiagnosticClass]
    parameters: int
    network_bytes: int | None
    input_px: int
    views: int
    weighs: list[str]
    measured: Measured | None
    operating_points: list[OperatingPoint]
    intended_use: str
    licence: str
    limits: list[str]


class LentigoError(Exception):
    """Lentigo refused something; `kind` is the end of the problem's `type`, "" where the status says it all.

    `status` is the HTTP status, `problem` the whole problem detail (RFC 9457), if there was one.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail") or f"Lentigo answered {status}."))
        self.status = status
        self.problem = problem
        self.kind = str(problem.get("type", "")).partition("#")[2]


class UnreachableError(LentigoError):
    """Lentigo could not be reached, or did not answer in time, however often it was tried."""

    def __init__(self, reason: httpx.TransportError) -> None:
        super().__init__(0, {"detail": f"Lentigo can't be reached: {reason}."})


class Lentigo:
    """A site, and the token with which it is asked. Use it as a context manager, or close it.

    `timeout` is in seconds and for each attempt; `transport` is for tests. Every method raises LentigoError.
    """

    def __init__(
        self, address: str, token: str, *, timeout: float = 60.0, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._http = httpx.Client(
            base_url=f"{address.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}", "User-Agent": "lentigo-client/1"},
            timeout=timeout,
            transport=transport,
        )

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    # --- tests -------------------------------------------------------------------------------------------------------

    def predict(
        self,
        image: str | Path | bytes,
        *,
        patient: str | None = None,
        lesion: str | None = None,
        patient_name: str | None = None,
        age: int | None = None,
        sex: str | None = None,
        body_site: str | None = None,
        note: str | None = None,
        model: str | None = None,
        frame: tuple[float, float, float] | None = None,
        picture: int | None = None,
        confirmed: bool | None = None,
        include: Iterable[str] = (),
        idempotency_key: str | None = None,
    ) -> Prediction:
        """Send a photograph, a file's path or its content, and return what is answered.

        `frame` is the square to look at: left edge by the width, top edge by the height, side by the shorter side.
        `picture` is which of a DICOM file with several, `confirmed` says that somebody has looked at what it says.
        `include` may name heatmap, similar and scores. Give an `idempotency_key` of your own to be safe against a crash
        of your program, too: the same photograph with the same key is kept once.
        """
        content = image if isinstance(image, bytes) else Path(image).read_bytes()
        left, top, side = frame or (None, None, None)
        fields = {
            "patient": patient,
            "lesion": lesion,
            "patient_name": patient_name,
            "age": age,
            "sex": sex,
            "body_site": body_site,
            "note": note,
            "model": model,
            "frame_left": left,
            "frame_top": top,
            "frame_side": side,
            "picture": picture,
            "confirmed": confirmed,
        }
        answer = self._make(
            "/predictions",
            key=idempotency_key,
            params={"include": ",".join(include)} if include else None,
            data={name: _written(value) for name, value in fields.items() if value is not None},
            files={"image": ("photograph", content)},
        )
        return cast(Prediction, answer)

    def predictions(self, **conditions: str | float | bool) -> Iterator[ListedPrediction]:
        """Yield tests, the newest first; conditions as in the interface's description: patient, label, ..."""
        return cast(Iterator[ListedPrediction], self._list("/predictions", conditions))

    def prediction(self, prediction_id: str, *, include: Iterable[str] = ()) -> Prediction:
        """Return one test."""
        params = {"include": ",".join(include)} if include else None
        return cast(Prediction, self._json("GET", f"/predictions/{prediction_id}", params=params))

    def move_prediction(self, prediction_id: str, **where: str | None) -> Prediction:
        """Keep a test with another `patient` or `lesion`."""
        return cast(Prediction, self._json("PATCH", f"/predictions/{prediction_id}", json=where))

    def delete_prediction(self, prediction_id: str) -> None:
        """Delete a test for good."""
        self._send("DELETE", f"/predictions/{prediction_id}")

    def image(self, prediction_id: str) -> bytes:
        """Return the photograph as it is kept, a PNG file."""
        return self._send("GET", f"/predictions/{prediction_id}/image").content

    def heatmap(self, prediction_id: str) -> bytes:
        """Return where the classifier looked, a PNG file to be laid over the framed square."""
        return self._send("GET", f"/predictions/{prediction_id}/heatmap.png").content

    def report(self, prediction_id: str) -> bytes:
        """Return the report as the record is now, a PDF file."""
        return self._send("GET", f"/predictions/{prediction_id}/report.pdf").content

    def say(
        self, prediction_id: str, kind: Literal["assessment", "diagnosis"], label: str | None, **more: Any
    ) -> Verdict:
        """Record your own assessment, or the confirmed diagnosis, which needs a `basis`; `more` as described."""
        return cast(
            Verdict, self._make(f"/predictions/{prediction_id}/verdicts", json={"kind": kind, "label": label, **more})
        )

    def verdicts(self, prediction_id: str) -> Iterator[Verdict]:
        """Yield all that was said of a test's lesion, the newest first."""
        return cast(Iterator[Verdict], self._list(f"/predictions/{prediction_id}/verdicts", {}))

    # --- patients and lesions ----------------------------------------------------------------------------------------

    def patients(self, **conditions: str | float | bool) -> Iterator[Patient]:
        """Yield patients, the newest first; conditions: name, archived."""
        return cast(Iterator[Patient], self._list("/patients", conditions))

    def patient(self, patient_id: str) -> Patient:
        """Return one patient."""
        return cast(Patient, self._json("GET", f"/patients/{patient_id}"))

    def create_patient(self, name: str, *, idempotency_key: str | None = None, **facts: Any) -> Patient:
        """Write down a patient; facts: birth_year, sex, skin_type, notes."""
        return cast(Patient, self._make("/patients", key=idempotency_key, json={"name": name, **facts}))

    def change_patient(self, patient_id: str, **facts: Any) -> Patient:
        """Change what is given; None says that it is not known."""
        return cast(Patient, self._json("PATCH", f"/patients/{patient_id}", json=facts))

    def erase_patient(self, patient_id: str) -> None:
        """Erase a patient with all lesions, tests and photographs, for good."""
        self._send("DELETE", f"/patients/{patient_id}")

    def lesions(self, patient_id: str) -> Iterator[Lesion]:
        """Yield a patient's lesions, the newest first."""
        return cast(Iterator[Lesion], self._list(f"/patients/{patient_id}/lesions", {}))

    def lesion(self, lesion_id: str) -> Lesion:
        """Return one lesion."""
        return cast(Lesion, self._json("GET", f"/lesions/{lesion_id}"))

    def create_lesion(self, patient_id: str, *, idempotency_key: str | None = None, **facts: Any) -> Lesion:
        """Write down a lesion; facts: label, body_site, place, first_noticed, note."""
        return cast(Lesion, self._make(f"/patients/{patient_id}/lesions", key=idempotency_key, json=facts))

    def change_lesion(self, lesion_id: str, **facts: Any) -> Lesion:
        """Change what is given; None says that it is not known."""
        return cast(Lesion, self._json("PATCH", f"/lesions/{lesion_id}", json=facts))

    def remove_lesion(self, lesion_id: str) -> None:
        """Remove a lesion; its tests stay with the patient."""
        self._send("DELETE", f"/lesions/{lesion_id}")

    # --- many photographs at once ------------------------------------------------------------------------------------

    def batches(self) -> Iterator[ListedBatch]:
        """Yield batches, the newest first."""
        return cast(Iterator[ListedBatch], self._list("/batches", {}))

    def create_batch(self, *, idempotency_key: str | None = None, **what: Any) -> Batch:
        """Make a batch; `patient` or `patient_name`, or another `naming`; label, model, rows as described."""
        return cast(Batch, self._make("/batches", key=idempotency_key, json=what))

    def add_files(self, batch_id: str, folder: str | Path, names: Iterable[str]) -> Iterator[SentFile]:
        """Send files of a folder for a batch, one at a time, and yield what became of each, of a zip file of all in it.

        A name may have folders of its own, with slashes. A file that was sent before is kept once: after whatever went
        wrong, send them all again.
        """
        for name in names:
            content = Path(folder, name).read_bytes()
            answer = self._send("POST", f"/batches/{batch_id}/files", files={"files": (name, content)})
            yield from cast(Iterable[SentFile], answer.json()["files"])

    def start_batch(self, batch_id: str) -> Batch:
        """Let the work begin, unless it has begun; the batch takes no more files then."""
        try:
            return self._batch(batch_id, "start")
        except LentigoError as error:
            batch = self.batch(batch_id) if error.status == STARTED else None
            if batch is None or batch["started_at"] is None:
                raise
            return batch

    def cancel_batch(self, batch_id: str) -> Batch:
        """Leave what still waits."""
        return self._batch(batch_id, "cancel")

    def resume_batch(self, batch_id: str) -> Batch:
        """Go on with what was cancelled."""
        return self._batch(batch_id, "resume")

    def retry_batch(self, batch_id: str) -> Batch:
        """Try again what failed, where that may help."""
        return self._batch(batch_id, "retry")

    def batch(self, batch_id: str) -> Batch:
        """Tell how far a batch is."""
        return cast(Batch, self._json("GET", f"/batches/{batch_id}"))

    def finished(self, batch_id: str, *, pause: float = 2.0) -> Batch:
        """Wait, `pause` seconds at a time, until a batch that was started is no longer worked on."""
        while (batch := self.batch(batch_id))["state"] == "working":
            time.sleep(pause)
        return batch

    def batch_results(
        self, batch_id: str, *, order: Literal["suspicious", "sent"] = "suspicious"
    ) -> Iterator[BatchFile]:
        """Yield the files of a batch with their results."""
        return cast(Iterator[BatchFile], self._list(f"/batches/{batch_id}/results", {"order": order}))

    def batch_csv(self, batch_id: str) -> bytes:
        """Return the results of a batch as a table, CSV in UTF-8."""
        return self._send("GET", f"/batches/{batch_id}/results.csv").content

    def batch_report(self, batch_id: str) -> bytes:
        """Return the results of a batch as a document, a PDF file."""
        return self._send("GET", f"/batches/{batch_id}/report.pdf").content

    def delete_batch(self, batch_id: str) -> None:
        """Delete a batch; the tests that were made of it stay."""
        self._send("DELETE", f"/batches/{batch_id}")

    def _batch(self, batch_id: str, verb: str) -> Batch:
        return cast(Batch, self._json("POST", f"/batches/{batch_id}/{verb}"))

    # --- other systems -----------------------------------------------------------------------------------------------

    def fhir(self, prediction_id: str) -> dict[str, Any]:
        """Return a test as a FHIR R4 transaction bundle."""
        return cast(dict[str, Any], self._json("GET", f"/predictions/{prediction_id}/fhir"))

    def dicom(self, prediction_id: str) -> bytes:
        """Return a test as DICOM objects, a zip file."""
        return self._send("GET", f"/predictions/{prediction_id}/dicom.zip").content

    # --- classifiers, health -----------------------------------------------------------------------------------------

    def models(self) -> Iterator[Model]:
        """Yield the classifiers with what was measured of them."""
        return cast(Iterator[Model], self._list("/models", {}))

    def health(self) -> Health:
        """Tell whether a photograph can be answered now."""
        return cast(Health, self._json("GET", "/health"))

    # --- how it is asked ---------------------------------------------------------------------------------------------

    def _list(self, path: str, conditions: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Yield the items of all pages of a list, each page when it is needed."""
        params = {name: _written(value) for name, value in conditions.items() if value is not None}
        while True:
            page = self._json("GET", path, params=params)
            yield from page["items"]
            if page["next"] is None:
                return
            params["cursor"] = page["next"]

    def _make(self, path: str, *, key: str | None = None, **content: Any) -> Any:
        """Send what makes something, with a key, so that it can be sent again."""
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return self._send("POST", path, headers=headers, **content).json()

    def _json(self, method: str, path: str, **content: Any) -> Any:
        return self._send(method, path, **content).json()

    def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        """Send a request, again if it did not arrive or Lentigo is busy; LentigoError if it is refused."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                response = self._http.request(method, path, **content)
            except httpx.TransportError as error:
                if attempt == ATTEMPTS:
                    raise UnreachableError(error) from error
                time.sleep(_pause(attempt, None))
                continue
            gone = method == "DELETE" and attempt > 1 and response.status_code == GONE  # by an attempt before
            if response.is_success or gone:
                return response
            refusal = LentigoError(response.status_code, _problem(response))
            if attempt == ATTEMPTS or not (response.status_code in AGAIN or refusal.kind == IN_USE):
                raise refusal
            time.sleep(_pause(attempt, response.headers.get("Retry-After")))
        raise AssertionError("unreachable")


def _pause(attempt: int, asked: str | None) -> float:
    """Return how many seconds to wait before the next attempt: what Lentigo asks for, if it does."""
    wanted = float(asked) if asked is not None and asked.isdigit() else PAUSE * 2 ** (attempt - 1)
    return min(wanted, LONGEST_PAUSE)


def _problem(response: httpx.Response) -> Mapping[str, Any]:
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    found = response.json()
    return found if isinstance(found, dict) else {}


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
