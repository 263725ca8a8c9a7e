"""Our concepts as DICOM writes codes (PS3.3, 8)."""

from __future__ import annotations

from pydicom.dataset import Dataset

from app.interop.codes import Concept


def code_item(concept: Concept) -> Dataset:
    """Return an item of a code sequence."""
    item = Dataset()
    item.CodeValue = concept.code
    item.CodingSchemeDesignator = concept.scheme
    item.CodeMeaning = concept.meaning
    return item
