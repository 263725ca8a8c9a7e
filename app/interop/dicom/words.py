"""The concepts of a structured report: of DICOM and SNOMED CT where they have one, else our own."""

from __future__ import annotations

from app.interop.codes import CLASSES, DICOM, OWN, SNOMED, Concept

LESION = Concept(SNOMED, "95324001", "Skin lesion")
DERMOSCOPY = Concept(SNOMED, "446078004", "Dermoscopic photography")
PHOTOGRAPHY = Concept(SNOMED, "197157006", "Photography of patient")
FINDING = Concept(DICOM, "121071", "Finding")
COMMENT = Concept(DICOM, "121106", "Comment")
BRITISH = Concept("RFC5646", "en-GB", "English (United Kingdom)")
ARTIFICIAL_INTELLIGENCE = Concept(DICOM, "123110", "Artificial Intelligence")

QUALITY = Concept(DICOM, "111050", "Quality Assessment")
ACCEPTED = Concept(OWN, "accepted", "Photograph accepted")
CAUTIONED = Concept(OWN, "cautioned", "Photograph accepted with cautions")
REFUSED = Concept(OWN, "refused", "Photograph not accepted: no answer")
CAUTION = Concept(OWN, "caution", "Caution about the photograph")
MOST_LIKELY = Concept(OWN, "most-likely", "Most likely class of the classifier")
MALIGNANCY = Concept(OWN, "malignancy", "Summed probability of the malignant classes")
THRESHOLD = Concept(OWN, "threshold", "Alert threshold of the sum, for a sensitivity of 95 %")
ALERT = Concept(OWN, "alert", "Summed probability compared with its alert threshold")
ABOVE = Concept(OWN, "above", "At or above the alert threshold")
BELOW = Concept(OWN, "below", "Below the alert threshold")

ASSESSMENT = Concept(OWN, "assessment", "Clinician's own assessment")
DIAGNOSIS = Concept(OWN, "diagnosis", "Confirmed diagnosis")
BASIS = Concept(OWN, "basis", "How the diagnosis was confirmed")
BASES = {
    "histology": Concept(SNOMED, "714797009", "Histology"),
    "follow_up": Concept(OWN, "follow-up", "Follow-up"),
    "consensus": Concept(OWN, "consensus", "Consensus of experts"),
}
FOUND_ON = Concept(OWN, "found-on", "Date of the finding")


def probability_of(code: str) -> Concept:
    """Return the name of the probability of a class."""
    return Concept(OWN, f"p-{code}", f"Probability: {CLASSES[code].meaning}")
