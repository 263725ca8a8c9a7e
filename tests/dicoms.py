"""DICOM files made of drawn lesions: in every transfer syntax, of an invented patient, and as they should not be."""

from __future__ import annotations

import base64
import io
import struct
import tempfile
import warnings
from pathlib import Path
from typing import Any

import gdcm
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from tests.hostile import picture
from tests.pictures import jpeg

PHOTOGRAPH = "1.2.840.10008.5.1.4.1.1.77.1.4"
DERMOSCOPIC = "1.2.840.10008.5.1.4.1.1.77.1.7"
NATIVE = (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
ENCODERS = {RLELossless: "pydicom", JPEGLSLossless: "pyjpegls", JPEG2000Lossless: "pylibjpeg"}
BY_GDCM = (JPEGLossless, JPEGLosslessSV1)
LOSSLESS = (*NATIVE, *ENCODERS, *BY_GDCM)
INGRID = {
    "PatientName": "Sørensen^Ingrid",
    "PatientID": "4711",
    "PatientBirthDate": "19700612",
    "PatientSex": "F",
    "AcquisitionDate": "20240503",
    "ImageLaterality": "L",
    "Manufacturer": "Derma",
    "ManufacturerModelName": "Scope 3",
}


def dicom(image: Image.Image | None = None, syntax: str = ExplicitVRLittleEndian, **elements: Any) -> bytes:
    """A file with one picture; `elements` replace the ordinary, None leaves one out."""
    made = data_set(picture() if image is None else image, **elements)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if syntax in ENCODERS:
            made.compress(syntax, encoding_plugin=ENCODERS[syntax])
    return _by_gdcm(written(made), syntax) if syntax in BY_GDCM else written(made, syntax)


def dicom_of_frames(*frames: bytes, syntax: str, **elements: Any) -> bytes:
    """A file of frames that are packed already."""
    made = data_set(**{"NumberOfFrames": len(frames), **elements})
    made.PixelData = encapsulate(list(frames))
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return written(made, syntax)


def baseline(*images: Image.Image, **elements: Any) -> bytes:
    """A file with a JPEG of each image, all of one size."""
    first = images[0]
    size = {"Rows": first.height, "Columns": first.width}
    packed = {"PhotometricInterpretation": "YBR_FULL_422", **size, **elements}
    return dicom_of_frames(*map(jpeg, images), syntax=JPEGBaseline8Bit, **packed)


def data_set(image: Image.Image | None = None, **elements: Any) -> Dataset:
    """The elements of a photograph."""
    image = picture() if image is None else image
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ordinary = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": PHOTOGRAPH,
        "SOPInstanceUID": "1.2.3.4",
        "Rows": image.height,
        "Columns": image.width,
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "RGB",
        "PlanarConfiguration": 0,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
    }
    for keyword, value in {**ordinary, **elements}.items():
        if keyword != "PixelData" and value is not None:
            setattr(made, keyword, value)
    samples = elements.get("PixelData", image.tobytes())
    made.add_new(0x7FE00010, "OW" if made.BitsAllocated == 16 else "OB", samples)
    return made


def written(made: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """The bytes of a Part 10 file."""
    file = io.BytesIO()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.save_as(file, enforce_file_format=True)
    return file.getvalue()


def region(code: str, scheme: str, meaning: str) -> list[Dataset]:
    """An Anatomic Region Sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, scheme, meaning
    return [item]


def element(tag: int, kind: bytes, value: bytes) -> bytes:
    """One element as it is written, explicit and little-endian."""
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, kind)
    if kind in (b"OB", b"OW", b"SQ", b"UN"):
        return head + struct.pack("<xxI", len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def raw(*elements: bytes, syntax: str = ExplicitVRLittleEndian) -> bytes:
    """A file of elements that are written already."""
    uid = syntax.encode().ljust(len(syntax) + len(syntax) % 2, b"\0")
    return bytes(128) + b"DICM" + element(0x0002_0010, b"UI", uid) + b"".join(elements)


def _by_gdcm(content: bytes, syntax: str) -> bytes:
    """Pack a file as lossless JPEG, which pydicom has no encoder for."""
    kind = gdcm.TransferSyntax.JPEGLosslessProcess14_1 if syntax == JPEGLosslessSV1 else None
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.dcm"), Path(folder, "after.dcm")
        before.write_bytes(content)
        reader, change, writer = gdcm.ImageReader(), gdcm.ImageChangeTransferSyntax(), gdcm.ImageWriter()
        reader.SetFileName(str(before))
        assert reader.Read()
        wanted = gdcm.TransferSyntax.JPEGLosslessProcess14 if kind is None else kind
        change.SetTransferSyntax(gdcm.TransferSyntax(wanted))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer.SetFileName(str(after))
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        assert writer.Write()
        return after.read_bytes()


# a square of one colour on another, 64 by 64, packed as High-Throughput JPEG 2000 without loss by OpenJPH
HIGH_THROUGHPUT = base64.b85decode(
    "|4;u>053oQ0000$0000$00000000000000$0000$000000000000RdB0S5sA2LS>9Pyh%30ssI21OHM03;+TE0RaUB1V91*TmTawP*_-4SXf"
    "wCSXfwCSWr+<|6~9c00B>MWo}APNFY{aav(4+GBz$VF8`1K3IG5A00a{N0soW06#%S<ef|JOv;e>r0Jk8>{s2cb0KgRhpjr+6070|>zzT=~Q"
    "2;6c6>H4*07H}jkDyKa07H}jBa2Zt0ArK@zzN_4@B(n;q4fX*lmJ4d_y7Zx0EFfU03(zDzzJXkumW(ysWX!Rk?1p%0Hdz=00Wc&zzaeES`Y%"
    "bAzpeC6NCri@&M#FnuJ#Xfk*~`1Au@_2>t+P0B}|S1Nmqtfd?Mq0fi)lRsg^XxB*iDDu4n20~bK2uF`MU02qf9_)(dMRR9Wy7=ru*8-!H=zz"
    "V1VQ2-|zCI~PGBhK~a03ukxg4xS;0L-ygn#NTCzzc2wTW|u@@nQe~fMXz^VTb_0ArPzR7n<Zn2ohllPCNi_P`LX_2)vxKX5}D&0AN4NBbo*R"
    "{Segv&j20)gG4vL1W&-nJd5uDH2}AcOaQ<OLI7G&0<eHl!IpIV=r1NW<w0qFS^#kM0Tx=U{ICI&&nM-3k$}qp<S51H03dPoD}Si~zzXOAUjQ"
    "nAF#sQc{^$Ul-^x9o$pG;GE-e-DfF$!x={wT80Ku^Ej1YA4ym$b>3#fn>VE`?V0`v{Qo&m$l^1g}!2P_)zuP~edU;}{s$H0sVA<+njK;S~KL"
    "0e$~kZo&}UsbDWSmBuB_kI6O08tc0VTAnm;9AyjLJ%$X5P|Hv<oDW7a|tc>N$k1-hC4jsOE(4h{Ksd-*l+;+0Q}GFZzu9`0l*7#09_0Kw19v"
    "t^tcm2jJOp+j>!DK%e3r6pm7d?%+AAJKmkCwNRdQ>AR;o2i1_^Y@XppFlHYuu%W`||C#U%R{lx(!U<~y9zR$oZ;x32e-a!6N0Kf}o09()kxD"
    "bbX#1A+`d;s|W6YzUoiWEX2#)N-|e*ize-8NwV9|i#6{P^%^YY|CrvQK4+J@qe7i>|~04CDOkg76**`Y%s^YyiL)SpZ$c0cijWi&2T<IEvyp"
    "isCqm;y8-#_-g-o<o*zi2;z92CyC;Co+pXoc$^^^LOB7mip65FSS%Kc#ct^u$8j9TaU92Y|9Sf!000;x_7H*Z*g^-tVF~P@!GF9V1Ag#?4g1"
    "0qcyj^~!ubDr<meON015yo0B`_*0KgYX09{N0ULt~25mgaY5mgb@5%&Li<o*&eVtAe>iQ;&kCyC;CpAq6W0b;GS)>><=cOfDoA|gWndHWs!0"
    "68DNPk#A5`_FSHe<uC>oA>8<djU%H|9Rx-6W}1IDhEJ)0KgYR09`BrS|J$Ok}cViE#3S7dF1{8l45wCCyC;Co+pXoc%2cVHvyHInVFf{S=+X"
    "4`~P|S9smFkeUf|jN$=Wwi95+R?<C*7H>v??|9Rx-6W~I^!QgxV|Je"
)


def high_throughput() -> bytes:
    """A file that is packed so."""
    size = {"Rows": 64, "Columns": 64, "PhotometricInterpretation": "YBR_RCT"}
    return dicom_of_frames(HIGH_THROUGHPUT, syntax=HTJ2KLossless, **size)


def high_throughput_picture() -> Image.Image:
    """What it shows."""
    image = Image.new("RGB", (64, 64), (200, 150, 120))
    image.paste((84, 48, 40), (20, 18, 44, 40))
    return image
