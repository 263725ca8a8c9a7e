"""Who is photographed, where the spreadsheet doesn't say so."""

from __future__ import annotations

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs

from app.batches.sending import values
from app.decoding.names import folder_of, stem_of

ONE, FOLDER, FILE, SHEET = "one", "folder", "file", "sheet"
CHOICES = (
    SelectChoice(ONE, "One patient for all photographs"),
    SelectChoice(FOLDER, "Each folder is named after a patient"),
    SelectChoice(FILE, "Each file is named after a patient"),
    SelectChoice(SHEET, "Only the spreadsheet says"),
)
UNNAMED = {
    FOLDER: "It lies in no folder that could name the patient.",
    FILE: "The file's name can't be a patient's name.",
    SHEET: "The spreadsheet names no patient for this file.",
}
NO_NAME = "Please give a name or a reference, or choose another way to tell the patients."
NO_SHEET = "Please choose a spreadsheet that has a column for the patient."
DOUBTFUL = "Several files could be meant by one line of the spreadsheet. Give each its folder there, as in anna/1.jpg."


def name_by(naming: str, file: str) -> str | None:
    """Return the patient's name that a file's shown name tells; None where it tells none."""
    told = folder_of(file) if naming == FOLDER else stem_of(file) if naming == FILE else None
    try:
        return values.patient(told or "")
    except ValueError:
        return None
