"""Load all that reading a file may need, while files can still be opened: by reading some of our own."""

from __future__ import annotations

import codecs
import importlib
import io
import zipfile

from PIL import Image, ImageCms

from app.decoding.inside.cells import lines_of
from app.decoding.inside.dicom.intake import DicomPhotograph
from app.decoding.inside.photographs import photograph
from app.decoding.limits import Limits
from app.decoding.orders import DICOM

# what Pillow and the standard library import only when a file asks for it
PLUGINS = ("Bmp", "Gif", "Jpeg", "Jpeg2K", "Mpo", "Png", "Ppm", "Tiff")
FURTHER = ("PIL.ImageFile", "PIL.ImagePalette", "PIL.ExifTags", "PIL.ImageChops", "PIL.ImageMath", "lzma", "bz2")
ENCODINGS = ("ascii", "latin-1", "cp437", "cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")


def load(kind: str) -> None:
    """Load what photographs need, or what DICOM files need besides."""
    for name in (*(f"PIL.{plugin}ImagePlugin" for plugin in PLUGINS), *FURTHER):
        importlib.import_module(name)
    for encoding in ENCODINGS:
        codecs.lookup(encoding)
    Image.preinit()
    _rehearse()
    if kind == DICOM:
        _load_dicom()


def _rehearse() -> None:
    """Read a picture of each kind, with a colour profile and a direction, and a sheet and an archive."""
    image, exif = Image.new("RGB", (64, 64)), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "x"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for form in ("PNG", "JPEG"):
        file = io.BytesIO()
        image.save(file, form, exif=exif, icc_profile=profile)
        photograph(file.getvalue(), Limits())
    lines_of(b"a;b\n1;2\n", 2, 2)
    with zipfile.ZipFile(io.BytesIO(), "w") as archive:
        archive.writestr("a", b"a")


def _load_dicom() -> None:
    """Read a DICOM file with a name, a coded region, and a packed picture; load the scripts that names may be in."""
    import jpeg_ls  # noqa: F401, PLC0415 - it loads NumPy, which the other kind does without
    from pydicom import charset  # noqa: PLC0415 - see above
    from pydicom.dataset import Dataset, FileMetaDataset  # noqa: PLC0415 - see above
    from pydicom.encaps import encapsulate  # noqa: PLC0415 - see above
    from pydicom.uid import JPEGBaseline8Bit  # noqa: PLC0415 - see above

    for encoding in charset.python_encoding.values():
        codecs.lookup(encoding)
    picture = io.BytesIO()
    Image.new("RGB", (64, 64)).save(picture, "JPEG")
    region, made = Dataset(), Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = "T-02480", "SRT", "Skin of abdomen"
    made.SOPClassUID = made.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.4"
    made.SpecificCharacterSet, made.PatientName, made.PatientBirthDate = "ISO_IR 192", "a^b=c=d", "19700101"
    made.AcquisitionDateTime, made.PatientAge, made.AnatomicRegionSequence = "20240101", "054Y", [region]
    made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = 64, 64, 3, "YBR_FULL_422"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PixelData, made.NumberOfFrames = encapsulate([picture.getvalue()]), 1
    made["PixelData"].VR, made["PixelData"].is_undefined_length = "OB", True
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=True)
    opened = DicomPhotograph(file.getvalue(), Limits())
    opened.facts()
    opened.image(0)
