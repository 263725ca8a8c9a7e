"""The photograph, and the photograph under its heat map, as DICOM images (PS3.3, A.32.4, A.32.11, A.8.1)."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.uid import DermoscopicPhotographyImageStorage, SecondaryCaptureImageStorage, VLPhotographicImageStorage

from app.inference import Frame
from app.interop.codes import DICOM, SKIN, Concept
from app.interop.dicom.coded import code_item
from app.interop.dicom.headers import Object, header
from app.interop.dicom.pictures import Pixels, heat_map_pixels, photograph_pixels, srgb_profile
from app.interop.dicom.records import Case
from app.interop.dicom.uids import uid_of
from app.product import MANUFACTURER
from app.results.presentation import label_of
from app.results.wording import inline

PHOTOGRAPH, HEAT_MAP = "photograph", "heat-map"
SOURCE = Concept(DICOM, "121322", "Source image for image processing operation")
NOTE = "Research software, not a diagnosis"


def photograph_image(case: Case) -> Dataset:
    """Return the photograph: as dermoscopic photography if somebody has said that it is, else as a photograph."""
    dermoscopic = case.nature.dermoscopic
    this = Object(
        name=f"{PHOTOGRAPH}-{case.nature.code}",
        sop_class=DermoscopicPhotographyImageStorage if dermoscopic else VLPhotographicImageStorage,
        modality="DMS" if dermoscopic else "XC",
        series_number=1,
        description="Dermoscopic photograph" if dermoscopic else "Photograph",
        made_at=case.taken,
    )
    dataset = header(case, this)
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.LossyImageCompression = ""  # it may have come as JPEG: that is not kept
    dataset.AcquisitionContextSequence = []
    if case.nature.anonymous:
        dataset.BurnedInAnnotation = "NO"
    _site(dataset, case)
    _pixels(dataset, photograph_pixels(case.photograph))
    if dermoscopic:
        _dermoscopy(dataset, case)
    return dataset


def heat_map_image(case: Case, photograph: Dataset) -> Dataset:
    """Return the photograph under its heat map, derived from `photograph`, with a note below it."""
    analysis = case.analysis
    this = Object(
        name=f"{HEAT_MAP}-{case.nature.code}",
        sop_class=SecondaryCaptureImageStorage,
        modality="OT",
        series_number=2,
        description="Heat map of the classifier",
        made_at=case.taken,
    )
    dataset = header(case, this)
    dataset.ConversionType = "WSD"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.BurnedInAnnotation = "YES"  # the note has the day, and the reference of the test
    dataset.DerivationDescription = (
        f"Where {case.classifier} looked: the lighter, the more it spoke for {inline(label_of(analysis))}. No outline "
        f"of the lesion. {NOTE}."
    )
    source = reference(photograph)
    source.PurposeOfReferenceCodeSequence = [code_item(SOURCE)]
    dataset.SourceImageSequence = [source]
    _site(dataset, case)
    frame = Frame(analysis.frame_left, analysis.frame_top, analysis.frame_side)
    _pixels(dataset, heat_map_pixels(case.photograph, analysis.heatmap, frame, _note(case)))
    return dataset


def reference(dataset: Dataset) -> Dataset:
    """Return an item that refers to an object."""
    item = Dataset()
    item.ReferencedSOPClassUID = dataset.SOPClassUID
    item.ReferencedSOPInstanceUID = dataset.SOPInstanceUID
    return item


def _note(case: Case) -> tuple[str, ...]:
    made = f"{MANUFACTURER}, {case.classifier}: heat map for {inline(label_of(case.analysis))}."
    return f"{NOTE}.", made, f"Test {case.analysis.public_id} of {case.taken:%-d %B %Y}."


def _site(dataset: Dataset, case: Case) -> None:
    dataset.PatientOrientation = ""  # which way is up is not known: lesions are photographed from any side
    if case.left is None:
        dataset.Laterality = ""
    else:
        dataset.ImageLaterality = "L" if case.left else "R"
    dataset.AnatomicRegionSequence = [code_item(case.site or SKIN)]


def _pixels(dataset: Dataset, pixels: Pixels) -> None:
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.Rows, dataset.Columns = pixels.rows, pixels.columns
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.ICCProfile, dataset.ColorSpace = srgb_profile(), "SRGB"
    dataset.PixelData = pixels.content + bytes(len(pixels.content) % 2)
    dataset["PixelData"].VR = "OB"


def _dermoscopy(dataset: Dataset, case: Case) -> None:
    """Say what dermoscopic images must say; how the light was, and whether the lens touched the skin, is not known."""
    dataset.LightSourcePolarization = dataset.ContactMethod = ""
    dataset.EmitterColorTemperature = dataset.OpticalMagnificationFactor = None
    dataset.RecognizableVisualFeatures = "NO" if case.nature.anonymous else "YES"
    dataset.TrackingID = case.tracked.name
    dataset.TrackingUID = uid_of(case.tracked.reference)
    # a frame of its own claims nothing, and validators of 2022 require one
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid_of("frame", dataset.SOPInstanceUID), ""
