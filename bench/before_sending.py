"""``python -m bench.before_sending DATA``: hold what the page says of sharpness against what the server says."""

from __future__ import annotations

import argparse
import base64
import io
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import Page, sync_playwright

from models.evaluation.quality_thresholds import one_of_each_lesion
from models.photograph import upright_rgb
from models.preprocessing import square_pixels
from models.quality import BEFORE_SENDING, LEAST_SHARPNESS, QUALITY_PX, measure
from models.training import splits
from models.training.data import index_images

STATIC = Path(__file__).parent.parent / "static"
JPEG_QUALITY = 92
SIZES = {(224, 224): (0, 0.5, 1, 1.5, 2), (1600, 1200): (0, 1, 1.5, 2), (3264, 2448): (0, 1, 1.5, 2)}  # blur at 224 px
LONGEST = (2048, 672)  # pixels that the page looks at: before sending, and while aiming
MEASURE = """async ({ file, burntLevel, longest }) => {
  const { measured } = await import("/js/photograph-quality.js");
  const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(file), (byte) => byte.charCodeAt(0))]));
  const { width, height } = bitmap;
  const side = Math.min(width, height);
  const pixels = { left: (width - side) / 2, top: (height - side) / 2, side, width, height };
  return longest.map((most) => {
    const start = performance.now();
    const { sharpness } = measured(bitmap, pixels, { burntLevel }, most);
    return [sharpness, performance.now() - start];
  });
}"""


@dataclass(frozen=True, slots=True)
class Judged:
    """The sharpness of one photograph: the server's, then the page's with its milliseconds, for each of LONGEST."""

    server: float
    page: tuple[tuple[float, float], ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print, by size, how often the page and the server agree on what is blurred."""
    parser = argparse.ArgumentParser(prog="python -m bench.before_sending", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the photographs")
    parser.add_argument("--photographs", type=int, default=200)
    parser.add_argument("--large", type=int, default=50, help="how many of them are enlarged, too")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    paths = index_images(chosen.data)
    drawn = one_of_each_lesion(splits.for_training("ham7-grouped")[0], chosen.photographs, chosen.seed)
    with _page() as page:
        for size, blurs in SIZES.items():
            some = drawn if size[0] == QUALITY_PX else drawn[: chosen.large]
            files = (_file(paths[each.image_id], size, blur) for each in some for blur in blurs)
            sys.stdout.writelines(f"{line}\n" for line in _lines(size, [_judged(page, file) for file in files]))


def _lines(size: tuple[int, int], judged: Sequence[Judged]) -> Iterator[str]:
    blurred = sum(each.server < LEAST_SHARPNESS for each in judged)
    yield f"{size[0]} x {size[1]}: {len(judged)} photographs, {blurred} of them blurred"
    for turn, longest in enumerate(LONGEST):
        agree = sum((each.server < LEAST_SHARPNESS) == (each.page[turn][0] < LEAST_SHARPNESS) for each in judged)
        off = np.quantile([abs(each.page[turn][0] / each.server - 1) for each in judged], 0.95)
        milliseconds = statistics.median(each.page[turn][1] for each in judged)
        yield f"  up to {longest} px: agrees on {agree}; 95 % within {off:.1%} of the server; {milliseconds:.0f} ms"


def _judged(page: Page, file: bytes) -> Judged:
    with Image.open(io.BytesIO(file)) as image:
        here = measure(square_pixels(upright_rgb(image), QUALITY_PX)).sharpness
    asked = {"file": base64.b64encode(file).decode(), "burntLevel": BEFORE_SENDING["burnt-level"], "longest": LONGEST}
    return Judged(here, tuple((sharpness, time) for sharpness, time in page.evaluate(MEASURE, asked)))


def _file(path: Path, size: tuple[int, int], blur: float) -> bytes:
    """Return a photograph as a JPEG of another size, blurred; what is beside its square is its mirror image."""
    width, height = size
    with Image.open(path) as image:
        square = image.convert("RGB").resize((height, height), Image.Resampling.BICUBIC)
    if blur:
        square = square.filter(ImageFilter.GaussianBlur(blur * height / QUALITY_PX))
    beside = (width - height) // 2
    whole = np.pad(np.asarray(square), ((0, 0), (beside, beside), (0, 0)), mode="reflect")
    file = io.BytesIO()
    Image.fromarray(whole).save(file, "JPEG", quality=JPEG_QUALITY)
    return file.getvalue()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of what is asked for."""


@contextmanager
def _page() -> Iterator[Page]:
    """Open a page of our static files in Chromium."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(STATIC)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/js/theme.js")  # any page that is not a picture
        yield page
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    main()
