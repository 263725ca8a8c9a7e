"""Files that are almost DICOM files: whatever comes, the answer is a photograph or a sentence."""

import contextlib
import random

import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from app.decoding.inside.photographs import opened_dicom, photograph
from app.errors import RefusedUploadError
from tests.dicoms import INGRID, LOSSLESS, baseline, dicom, region
from tests.hostile import LIMITS, picture

pytestmark = pytest.mark.filterwarnings("ignore")  # pydicom's, of damaged files

TIMES = 60
SOUND = {
    **{syntax.name: dicom(picture(), syntax, **INGRID) for syntax in LOSSLESS},
    "JPEG": baseline(picture(), picture(), **INGRID),
}


def judged(content):
    """Take a file in as the form does, facts and all."""
    with contextlib.suppress(RefusedUploadError):
        opened_dicom(content, LIMITS).facts()
        assert photograph(content, LIMITS, 0, confirmed=True).mode == "RGB"


@pytest.mark.parametrize("name", SOUND)
def test_files_with_changed_bytes_never_break_it(name):
    for seed in range(TIMES):
        dice, changed = random.Random(seed), bytearray(SOUND[name])  # noqa: S311 - damage, not a secret
        reach = len(changed) if seed % 2 else min(1200, len(changed))  # every other time the headers alone
        for _ in range(dice.randint(1, 8)):
            changed[dice.randrange(128, reach)] = dice.randrange(256)

        judged(bytes(changed))


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian], ids=lambda syntax: syntax.name)
def test_files_cut_short_never_break_it(syntax):
    content = dicom(picture(), syntax, AnatomicRegionSequence=region("66643007", "SCT", "Skin of back"), **INGRID)

    for end in (*range(128, 1500, 7), *range(1500, len(content), 991)):
        judged(content[:end])
