"""Drawn skin lesions and the files they come in: no real photograph is needed, or kept, here."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFilter

SKIN = (224, 180, 160)
RIM = (150, 96, 72)
CORE = (84, 48, 40)


def lesion_picture(seed: int = 0, size: tuple[int, int] = (600, 450)) -> Image.Image:
    """Draw an irregular brown lesion on grained skin; the same seed and size give the same pixels."""
    dice = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    width, height = size
    reach = min(size)
    picture = Image.new("RGB", size, tuple(level + dice.randint(-12, 12) for level in SKIN))
    draw = ImageDraw.Draw(picture)
    for _ in range(24):
        x = width / 2 + dice.uniform(-0.14, 0.14) * reach
        y = height / 2 + dice.uniform(-0.14, 0.14) * reach
        radius = dice.uniform(0.06, 0.18) * reach
        colour = RIM if radius > 0.11 * reach else CORE
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    picture = picture.filter(ImageFilter.GaussianBlur(max(1, reach / 150)))
    return Image.blend(picture, _grain(dice, size), 0.06)


def jpeg(image: Image.Image, quality: int = 92, **options: object) -> bytes:
    """Encode as a JPEG file; `options` are Pillow's (`exif`, `icc_profile`, ...)."""
    return _encoded(image, "JPEG", quality=quality, **options)


def png(image: Image.Image, **options: object) -> bytes:
    """Encode as a PNG file; `options` are Pillow's (`pnginfo`, `icc_profile`, ...)."""
    return _encoded(image, "PNG", **options)


def y4m(image: Image.Image) -> bytes:
    """Encode as a video of two equal frames, 4:2:0, as a browser's pretended camera reads it; even sides."""
    light, *colours = image.convert("YCbCr").split()
    half = (image.width // 2, image.height // 2)
    frame = b"FRAME\n" + light.tobytes() + b"".join(colour.resize(half).tobytes() for colour in colours)
    return b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n" % image.size + frame * 2


def _grain(dice: random.Random, size: tuple[int, int]) -> Image.Image:
    small = (max(1, size[0] // 4), max(1, size[1] // 4))
    levels = dice.randbytes(small[0] * small[1] * 3)
    return Image.frombytes("RGB", small, levels).resize(size, Image.Resampling.BILINEAR)


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]  # Pillow judges them
    return file.getvalue()
