"""What an export for research says of itself."""

from __future__ import annotations

README = """\
What this is
============

Tests of patients whose consent to research was in force when this file was made, under pseudonyms. It is still personal
data: whoever has the clinic's records, or recognises a lesion, may find out who it is. Keep it, and pass it on, only as
your ethics vote, your contracts and the law allow.

What is in it
=============

tests.csv         One line for each test. Pseudonyms are of this export alone: nothing leads from them to those of
                  another export, and the key that made them was thrown away with the last byte of this file. So nobody
                  can be taken out of it, or found in it, afterwards.
dictionary.csv    What each column means.
photographs/      The photographs, made anew from their pixels, without metadata. Those in which a program saw something
                  like writing, and those that were not accepted as photographs of a lesion, are here only if a person
                  has confirmed that nothing in them tells who it is.
SHA256SUMS.txt    A fingerprint of every file.

What is not in it
=================

Names, notes, labels, names of files, thumbnails, points on the body map, reports, identifiers of DICOM files, times of
day, years of birth. Dates are moved by a constant of each patient, up to a year; ages are in bands, 90 and over in one.

How far it can be trusted not to tell who somebody is
=====================================================

Groups are of patients who share age band, sex and body site. Those of fewer than {fewest} are left out; the smallest
that is here has {smallest}. The program that looks for writing finds most labels of the usual kinds and not all, and it
knows nothing of faces, tattoos, jewellery or rare lesions.
"""


def readme(smallest: int, fewest: int) -> str:
    """Return the text, with the size of the smallest group, and from which size on groups are in the export."""
    return README.format(smallest=f"{smallest} patients" if smallest != 1 else "1 patient", fewest=fewest)
