"""What the archive says of itself, in plain words."""

from __future__ import annotations

README = """\
What this is
============

Everything that Lentigo keeps about one patient, made because the patient, or somebody on the patient's behalf, asked
for it, or so that another clinic can go on with it. It holds health data: keep it as you would keep a medical record.
No name of a file tells who the patient is; the files themselves do.

What is in it
=============

patient.json          The record: details, consent, lesions, follow-ups, tests with probabilities and versions,
                      outlines and measures, verdicts with all their changes, reports, and where tests were sent.
accesses.csv          Who had to do with the record, when, and what they did, as far back as the audit log goes.
patient.schema.json   What each field of it means, as a JSON Schema. Times are in UTC.
tests/ID/             The files of one test; ID is its public_id in patient.json.
    photograph.png    The photograph as it is kept: made anew from the pixels, without metadata.
    heatmap.png       Where the classifier looked: a square to be laid over the framed part of the photograph.
    report-CODE.pdf   Reports as they were issued, and signed if they were.
waiting/ID            Photographs as they were sent that have not become a test.
MISSING.txt           Files that could not be read, if there are any.
SHA256SUMS.txt        A fingerprint of every file, which "sha256sum -c SHA256SUMS.txt" compares.

What is not in it
=================

DICOM files: of one that was uploaded, the picture is kept and the file is not. Thumbnails: they are the photographs,
smaller. Reports from before a test was moved to this patient: they bear another name. Answers that the clinician who
made this archive must not see before giving an own assessment: where one is left out, the field "concealed" says so; it
will be in an archive that is made afterwards.

What the probabilities mean
===========================

A classifier compares a photograph with those that it was trained with. Its figures are no diagnosis. What clinicians
said stands under "verdicts".
"""

ERASED = """\
The patient was erased while this archive was being made. It is not complete, and what it holds is kept nowhere else in
Lentigo any more. Please delete it, unless the patient has asked for it.
"""
