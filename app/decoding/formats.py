"""What a file is by its content, where it is not a photograph that can be read."""

from __future__ import annotations

import re

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
PREAMBLE = 128  # bytes before the mark of a DICOM file
MAGIC = b"DICM"
CONVERT = "please save the photograph as JPEG or PNG and choose that file."
CHOOSE = "please choose a photograph that is a PNG, JPEG or DICOM file."
HEIC = f"This is a HEIC file; {CONVERT[:-1]} (iPhone: Settings, Camera, Formats, Most Compatible)."
BARE = "This may be a DICOM file that has lost its beginning; please export it again, as a DICOM file (Part 10)."
UNKNOWN = f"This is not a file that can be read here; {CHOOSE}"
DAMAGED = "The photograph is damaged or incomplete; please copy or export it again."
HEAD = 512  # bytes; none of the marks below lies further in

# what the head of a file looks like, and the sentence for it; the first that fits is taken
OTHERS = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), sentence)
    for pattern, sentence in (
        (rb"GIF8[79]a", f"This is a GIF file; {CONVERT}"),
        (rb"RIFF....WEBP", f"This is a WebP file; {CONVERT}"),
        (rb"....ftyp(hei|hev|mif1|msf1)", HEIC),
        (rb"....ftyp(avif|avis)", f"This is an AVIF file; {CONVERT}"),
        (rb"....ftyp(crx)", f"This is a camera's raw file; {CONVERT}"),
        (rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", f"This is a video; {CHOOSE}"),
        (rb"II\*\x00|MM\x00\*|II\+\x00|MM\x00\+", f"This is a TIFF or raw camera file; {CONVERT}"),
        (rb"BM.{4}\x00{4}", f"This is a BMP file; {CONVERT}"),
        (rb"\x02\x00..(UL|OB|UI)|\x08\x00[\x00\x01\x05\x08\x12-\x18]\x00", BARE),
        (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", f"This is a JPEG 2000 file; {CONVERT}"),
        (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", f"This is a JPEG XL file; {CONVERT}"),
        (rb"8BPS", f"This is a Photoshop file; {CONVERT}"),
        (rb"%PDF-", f"This is a PDF document, not a photograph; {CHOOSE}"),
        (
            rb"PK\x03\x04|PK\x05\x06|Rar!|7z\xbc\xaf|\x1f\x8b",
            f"This is an archive, not a photograph; {CHOOSE}",
        ),
        (rb"\xd0\xcf\x11\xe0", f"This is an office document, not a photograph; {CHOOSE}"),
        (rb"MZ|\x7fELF", f"This is a program, not a photograph; {CHOOSE}"),
        (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(svg|!doctype svg)", f"This is an SVG drawing; {CHOOSE}"),
        (rb"\s*<(!doctype|html|head|body|script|\?)", f"This is a web page or program text; {CHOOSE}"),
    )
)
TEXT = re.compile(rb"[\t\n\r\x20-\x7e]+")


def is_dicom(content: bytes) -> bool:
    """Tell whether a content is a DICOM file, by its mark."""
    return content[PREAMBLE : PREAMBLE + len(MAGIC)] == MAGIC


def why_not_a_photograph(content: bytes) -> str | None:
    """Return the sentence that refuses a content which is neither PNG nor JPEG nor DICOM; None where it may be one."""
    if not content:
        return "The file is empty; please choose the photograph again."
    if content.startswith((PNG, JPEG)) or is_dicom(content):
        return None
    head = content[:HEAD]
    for pattern, sentence in OTHERS:
        if pattern.match(head):
            return sentence
    return f"This is text, not a photograph; {CHOOSE}" if TEXT.fullmatch(head) else UNKNOWN
