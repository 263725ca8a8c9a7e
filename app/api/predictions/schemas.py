"""What is answered of tests."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from app.api.schemas import Answer, Identifier, Moment, Page
from app.api.verdicts.schemas import Verdict

HIDDEN = "Null while the answer is hidden"
NO_ANSWER = f"{HIDDEN}, and where the photograph was not accepted"
PROBABILITIES = {"akiec": 0.03, "bcc": 0.05, "bkl": 0.11, "df": 0.01, "mel": 0.11, "nv": 0.68, "vasc": 0.01}

HERE = "/api/v1/predictions/q3vX0bE2T4mW8sYc1aZk5g"


class PredictionLinks(Answer):
    """Addresses of what belongs to a test; `page` is for people with a browser, who have to sign in."""

    self: str = Field(examples=[HERE])
    image: str = Field(examples=[f"{HERE}/image"], description="The photograph as it is kept, PNG without metadata.")
    thumbnail: str = Field(examples=[f"{HERE}/thumbnail.jpg"])
    heatmap: str | None = Field(
        examples=[f"{HERE}/heatmap.png"], description=f"Where the classifier looked, as PNG. {HIDDEN}."
    )
    report: str | None = Field(
        examples=[f"{HERE}/report.pdf"], description=f"The report as the record is now, not issued, as PDF. {HIDDEN}."
    )
    verdicts: str = Field(examples=[f"{HERE}/verdicts"])
    patient: str | None = Field(examples=["/api/v1/patients/Yb3kq0R7uT1nVd5cJw9xAg"])
    lesion: str | None = Field(examples=["/api/v1/lesions/hN6sD2pZ8fLr4KmXe0tQyw"])
    page: str = Field(examples=["/results/q3vX0bE2T4mW8sYc1aZk5g"])


class ListedPrediction(Answer):
    """A test as lists have it.

    While its answer is hidden, because the caller has chosen to assess each photograph first, `concealed` is true.
    """

    id: Identifier
    created_at: Moment = Field(examples=["2026-03-14T09:26:53Z"])
    model: str = Field(examples=["mobilenetv2-ham7"])
    version: str = Field(examples=["1.2.0"])
    accepted: bool = Field(
        examples=[True], description="False where the photograph is too poor, or shows no lesion: see reasons."
    )
    concealed: bool = Field(examples=[False])
    reasons: list[str] = Field(examples=[[]], description="What limits the answer, or prevents one, as codes.")
    label: str | None = Field(examples=["nv"], description=f"The most likely class. {NO_ANSWER}.")
    probabilities: dict[str, float] | None = Field(
        examples=[PROBABILITIES], description=f"Of each class, from the photograph alone; they sum to 1. {NO_ANSWER}."
    )
    malignancy: float | None = Field(
        examples=[0.19], description=f"The probabilities of the malignant classes added together. {NO_ANSWER}."
    )
    threshold: float | None = Field(
        examples=[0.09],
        description="The malignancy from which the classifier alerts, its setting for a sensitivity of 95 %; null if "
        "it has none.",
    )
    alert: bool | None = Field(
        examples=[True], description=f"Whether the malignancy reaches the threshold. {NO_ANSWER}."
    )
    patient: Identifier | None = Field(
        examples=["Yb3kq0R7uT1nVd5cJw9xAg"], description="Whom the test is kept with; null until somebody has chosen."
    )
    patient_name: str = Field(examples=["Ingrid Sørensen"], description="Name or reference.")
    lesion: Identifier | None = Field(examples=["hN6sD2pZ8fLr4KmXe0tQyw"])
    age: int | None = Field(examples=[54])
    sex: str | None = Field(examples=["female"])
    body_site: str | None = Field(examples=["back"])
    assessment: str | None = Field(examples=["nv"], description="The caller's own assessment in force.")
    diagnosis: str | None = Field(examples=[None], description="The confirmed diagnosis in force.")
    retake: str | None = Field(
        examples=[None], description="Of a poor photograph: due, taken or dismissed, as it should be taken again."
    )
    links: PredictionLinks


class DiagnosticClass(Answer):
    """A class that the classifier tells apart."""

    code: str = Field(examples=["nv"])
    name: str = Field(examples=["Melanocytic nevus"])
    malignant: bool = Field(examples=[False])


class Caution(Answer):
    """What limits an answer, or prevents one, and what can be done about it."""

    code: str = Field(examples=["blurred"])
    problem: str = Field(examples=["The photograph is blurred."])
    remedy: str = Field(examples=["Steady the camera, focus on the lesion and take it again."])


class Remark(Answer):
    """A sentence on how far the answer can be relied on; with `caution` a reason not to."""

    text: str = Field(examples=["The answer changed in 1 of 8 views (mirrored, turned, in slightly different light)."])
    caution: bool = Field(examples=[False])


class Frame(Answer):
    """The square that the classifier saw, in pixels of the kept photograph."""

    left: int = Field(examples=[75])
    top: int = Field(examples=[0])
    side: int = Field(examples=[450])


class SimilarLesion(Answer):
    """A lesion that the classifier learned from and that looks alike to it: an example to compare with, no evidence."""

    image_id: str = Field(examples=["ISIC_0024306"])
    label: str = Field(examples=["nv"])
    label_name: str = Field(examples=["Melanocytic nevus"])
    malignant: bool = Field(examples=[False])
    confirmed_by: str = Field(examples=["histo"])
    confirmed: str = Field(examples=["Confirmed by histology"])
    similarity: float = Field(examples=[0.91], description="How alike the photographs are to the network, at most 1.")


class Outline(Answer):
    """The outline of the lesion, drawn after the test by a network of its own, and what was measured of it.

    Lengths and areas are in pixels of the kept photograph; in millimetres once somebody has drawn a scale.
    """

    version: str = Field(examples=["1.0.0"])
    confidence: float = Field(examples=[0.93])
    refused: str | None = Field(examples=[None], description="Why there is no outline, as a code.")
    why_not: str | None = Field(examples=[None], description="The same as a sentence.")
    polygon: list[tuple[float, float]] = Field(
        examples=[[[0.5, 0.25], [0.65, 0.5], [0.5, 0.75], [0.35, 0.5]]],
        description="Closed; each point a fraction of the photograph's width and height.",
    )
    area: float | None = Field(examples=[25312.5])
    diameter: float | None = Field(examples=[225.0])
    asymmetry: float | None = Field(examples=[0.05], description="0 if the halves are alike.")
    irregularity: float | None = Field(examples=[1.27], description="1 for a circle.")
    notching: float | None = Field(examples=[0.0], description="0 without notches.")
    colour_spread: float | None = Field(examples=[12.5], description="In CIELAB; 0 for one colour.")
    colours: list[str] | None = Field(examples=[["light brown", "dark brown"]], description="Those of the ABCD rule.")
    hair: float | None = Field(examples=[0.0], description="Share of the outline's inside that hair covers.")
    px_per_mm: float | None = Field(examples=[None], description="The scale; null without one.")
    area_mm2: float | None = Field(examples=[None])
    diameter_mm: float | None = Field(examples=[None])


class DicomSays(Answer):
    """What a DICOM file says of patient and photograph, in our words where there are any; null where it doesn't."""

    name: str | None = Field(examples=["Ingrid Sørensen"])
    other_names: list[str] = Field(examples=[[]], description="The same name in other scripts.")
    patient_id: str | None = Field(examples=["4711"])
    born: date | None = Field(examples=["1970-06-12"])
    age: int | None = Field(examples=[53], description="When the photograph was taken.")
    sex: str | None = Field(examples=["female"])
    body_site: str | None = Field(examples=["back"])
    region: str | None = Field(examples=["Skin of back"], description="In the file's words.")
    side: str | None = Field(examples=["left"])
    taken: date | None = Field(examples=["2024-05-03"])
    device: str | None = Field(examples=["Derma Scope 3"])
    burned_in: bool = Field(examples=[False], description="Whether something is written in the picture.")
    recognisable: bool = Field(examples=[False], description="Whether the patient can be recognised in it.")
    pictures: int = Field(examples=[1], description="How many there are in the file.")


class Prediction(ListedPrediction):
    """A test with everything that is known of it.

    `similar`, `heatmap` and `scores` are null unless `include` asked for them.
    """

    label_name: str | None = Field(examples=["Melanocytic nevus"], description=f"{NO_ANSWER}.")
    malignant: bool | None = Field(examples=[False], description=f"Whether the most likely class is. {NO_ANSWER}.")
    summary: str | None = Field(
        examples=["The classifier favours melanocytic nevus (68\N{NO-BREAK SPACE}%)."],
        description=f"The answer, or why there is none, in a sentence for clinicians. {HIDDEN}.",
    )
    cautions: list[Caution] = Field(examples=[[]], description="The reasons in words.")
    remarks: list[Remark] | None = Field(description=f"How far the answer can be relied on. {HIDDEN}.")
    probabilities_with_patient: dict[str, float] | None = Field(
        examples=[None],
        description=f"The same once age, sex and body site are weighed in; null where nothing was. {NO_ANSWER}.",
    )
    views: int | None = Field(
        examples=[8],
        description=f"How many views of the photograph, mirrored, turned, in other light, were looked at. {HIDDEN}.",
    )
    views_changed: int | None = Field(
        examples=[1], description=f"How many of them alone would have been another class. {NO_ANSWER}."
    )
    classes: list[DiagnosticClass] = Field(description="Those that the classifier tells apart.")
    note: str | None = Field(examples=["Itches since spring."])
    width: int = Field(examples=[600], description="Of the kept photograph, in pixels.")
    height: int = Field(examples=[450])
    sha256: str = Field(examples=["f" * 64], description="Of the file of the kept photograph.")
    frame: Frame
    milliseconds: int | None = Field(examples=[48], description="How long the answer took.")
    outline: Outline | None = Field(description="Null until the worker has looked at the photograph.")
    verdicts: list[Verdict] = Field(description="Those in force; `links.verdicts` has all.")
    similar: list[SimilarLesion] | None = Field(
        examples=[None], description=f"Known lesions that look alike; with `include=similar`. {NO_ANSWER}."
    )
    heatmap: list[list[float]] | None = Field(
        examples=[None],
        description="Where the classifier looked, rows of numbers from 0 to 1 over the framed square; with "
        f"`include=heatmap`. {HIDDEN}.",
    )
    scores: dict[str, float] | None = Field(
        examples=[None],
        description="What the classifier computed of a photograph that was not accepted: no answer, whichever is "
        "highest, and no all-clear. With `include=scores`; null where there is an answer.",
    )
    dicom: DicomSays | None = Field(
        examples=[None],
        description="What the DICOM file that was sent says: answered to whoever sends it, and kept nowhere.",
    )


class PredictionPage(Page[ListedPrediction]):
    """Part of the list of tests.

    There may be fewer items than asked for, or none, and still a `next`: a search looks at so many tests at a time.
    """

    texts_since: Moment | None = Field(
        examples=[None],
        description="With `text`: notes from before this moment were not searched; null if all were.",
    )
