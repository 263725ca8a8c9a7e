"""Files are read by processes that can do nothing else, and whose end is one sentence and nothing more."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from io import BytesIO
from zipfile import ZIP_STORED

import psutil
import pytest
from PIL import Image

from app.decoding import asking, reading
from app.decoding.asking import BUSY, STOPPED, TOO_LONG, Asked, UnreadFileError, parts
from app.decoding.facts import DicomFacts
from app.decoding.limits import MEGABYTE, Limits, ZipLimits
from app.decoding.orders import DICOM, PHOTOGRAPHS
from app.decoding.origins import SURROUNDINGS, DecodersUnavailableError, Origin, origins
from app.errors import RefusedUploadError
from config import ROOT
from tests.decoders import broken_decoders
from tests.dicoms import INGRID, dicom
from tests.hostile import picture
from tests.pictures import jpeg, png
from tests.unit.test_batch_archive import PICTURE, packed

LIMITS = Limits()
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits so much")
PHOTOGRAPH = {"do": "photograph", "limits": [16, 40, 15], "index": None, "confirmed": False}


@pytest.fixture
def broken() -> Iterator[Origin]:
    with broken_decoders() as origin:
        yield origin


def asked(seconds: int = 10, **words: object) -> Asked:
    return Asked(words, b"", seconds, 128 * MEGABYTE, 1000)


def answer(what: Asked, kind: str = PHOTOGRAPHS) -> list[dict[str, object]]:
    return [part.words for part in parts(what, kind)]


@LINUX
@pytest.mark.parametrize("kind", [PHOTOGRAPHS, DICOM])
def test_everything_is_taken_from_a_process_that_reads(kind: str) -> None:
    (told,) = answer(asked(do="tell"), kind)

    assert told["held"] == [
        "death of origin", "memory", "processor time", "core dumps", "new files", "open files", "processes",
        "system calls",
    ]  # fmt: skip


@LINUX
def test_whoever_takes_a_process_over_can_do_nothing_with_it(broken: Origin) -> None:
    (told,) = answer(asked(do="attempts"))

    assert told["could"] == []
    assert told["files"] == [0, 1, 2]  # a socket to the site, and nowhere twice
    assert told["environment"] == SURROUNDINGS


@pytest.mark.parametrize(
    ("trick", "sentence"),
    [
        ("crash", STOPPED), ("loop", TOO_LONG), ("fill memory", STOPPED), ("fill memory and stay", TOO_LONG),
        ("import late", STOPPED), ("shout", STOPPED), ("babble", STOPPED), ("leave", STOPPED),
    ],
)  # fmt: skip
def test_whatever_a_file_does_to_its_process_the_answer_is_a_sentence_and_the_next_is_read(
    broken: Origin, trick: str, sentence: str
) -> None:
    began = time.monotonic()

    with pytest.raises(UnreadFileError) as refused:
        answer(asked(do="trick", trick=trick, seconds=1))

    assert refused.value.message == sentence
    assert time.monotonic() - began < 10
    assert reading.photograph(png(picture()), LIMITS).size == picture().size
    assert psutil.wait_procs(psutil.Process(broken.pid).children(), timeout=5)[1] == []


@LINUX
def test_a_file_whose_processor_time_is_over_before_its_time_takes_too_long_as_well(broken: Origin) -> None:
    what = asked(do="trick", trick="loop", seconds=30)._replace(processor_seconds=1)

    with pytest.raises(UnreadFileError) as refused:
        answer(what)

    assert refused.value.message == TOO_LONG


@LINUX
def test_no_more_memory_is_taken_than_a_file_may(broken: Origin, caplog: pytest.LogCaptureFixture) -> None:
    watched = psutil.Process(broken.pid)
    largest = [0]

    def watch() -> None:
        while not done.wait(0.02):
            for child in watched.children():
                with suppress(psutil.NoSuchProcess):
                    largest[0] = max(largest[0], child.memory_info().rss)

    done = threading.Event()
    thread = threading.Thread(target=watch)
    thread.start()
    with pytest.raises(UnreadFileError):
        answer(asked(do="trick", trick="fill memory and stay", seconds=1))
    done.set()
    thread.join()

    assert 64 * MEGABYTE < largest[0] < 200 * MEGABYTE


def test_while_one_file_loops_others_are_read(broken: Origin) -> None:
    trouble: list[Exception] = []

    def stay() -> None:
        try:
            answer(asked(do="trick", trick="loop", seconds=3))
        except UnreadFileError as error:
            trouble.append(error)

    thread = threading.Thread(target=stay)
    thread.start()
    time.sleep(0.2)
    began = time.monotonic()
    reading.photograph(png(picture()), LIMITS)
    took = time.monotonic() - began
    thread.join()

    assert took < 2.5
    assert len(trouble) == 1


def test_an_origin_that_was_killed_is_replaced_without_anybody_noticing() -> None:
    reading.photograph(png(picture()), LIMITS)
    os.kill(origins.of(PHOTOGRAPHS).pid, signal.SIGKILL)

    assert reading.photograph(png(picture()), LIMITS).size == picture().size


def test_a_file_is_read_once_more_where_the_origin_stops_meanwhile(broken: Origin) -> None:
    answer(asked(do="tell"))
    killing = threading.Timer(0.3, lambda: os.kill(broken.pid, signal.SIGKILL))
    killing.start()
    began = time.monotonic()

    with pytest.raises(UnreadFileError):  # read once more, by one of ours that knows of no tricks
        answer(asked(do="trick", trick="loop"))

    assert time.monotonic() - began < 8
    assert reading.photograph(png(picture()), LIMITS).size == picture().size


def test_who_waits_too_long_for_a_turn_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(asking, "PATIENCE", 0.1)

    with asking.turns, pytest.raises(DecodersUnavailableError, match=BUSY):
        answer(asked(do="tell", seconds=1))


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_of_the_processes_when_the_site_ends(ending: signal.Signals) -> None:
    program = (
        "import sys, time\n"
        "from app.decoding.asking import Asked, parts\n"
        "from app.decoding.origins import Origin, origins\n"
        "origins._origins['photographs'] = Origin('photographs', 'tests.broken_decoders')\n"
        "print(origins.of('photographs').pid, flush=True)\n"
        "list(parts(Asked({'do': 'trick', 'trick': 'loop'}, b'', 60, 10**8, 0)))\n"
    )
    site = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert site.stdout is not None
    with site.stdout:
        origin = psutil.Process(int(site.stdout.readline()))
    while not origin.children():
        time.sleep(0.02)
    family = [origin, *origin.children()]

    site.send_signal(ending)
    site.wait()

    assert psutil.wait_procs(family, timeout=10)[1] == []


LIES = {
    "no size": ({}, 0),
    "a size that is no size": ({"size": "96"}, 0),
    "a size of three": ({"size": [96, 80, 3]}, 23040),
    "fewer pixels": ({"size": [96, 80]}, 23039),
    "more pixels": ({"size": [96, 80]}, 23041),
    "a picture too small to be judged": ({"size": [10, 10]}, 300),
    "a picture too large to be kept": ({"size": [2049, 64]}, 2049 * 64 * 3),
    "negative sides": ({"size": [-96, -80]}, 23040),
    "a sentence with a line of its own": ({"refused": "Please\nsign in again."}, 0),
    "a sentence that does not end": ({"refused": "a" * 401}, 0),
    "an error of its own": ({"failed": "KeyError at upload.py:1"}, 0),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_can_not_be_is_not_believed(broken: Origin, monkeypatch: pytest.MonkeyPatch, lie: str) -> None:
    told_to(monkeypatch, LIES[lie])

    with pytest.raises(UnreadFileError, match="has stopped at this one"):
        reading.photograph(png(picture()), LIMITS)


def told_to(monkeypatch: pytest.MonkeyPatch, *said: object) -> None:
    """Have the processes answer so, whatever they are asked."""
    monkeypatch.setattr(
        reading, "parts", lambda what, _kind=None: parts(what._replace(words={"do": "say", "parts": said}))
    )


@pytest.mark.parametrize("said", [(), (({"size": [96, 80]}, 23040),) * 2], ids=["nothing", "two of them"])
def test_one_file_has_one_photograph(broken: Origin, monkeypatch: pytest.MonkeyPatch, said: tuple[object, ...]) -> None:
    told_to(monkeypatch, *said)

    with pytest.raises(UnreadFileError):
        reading.photograph(png(picture()), LIMITS)


@pytest.mark.parametrize(
    "facts",
    [
        None, [], {"name": 4}, {"age": "old"}, {"born": "yesterday"}, {"name": "a" * 300}, {"name": "Jane\u202eRoe"},
        {"other_names": ["a", "b", "c", "d"]}, {"sex": ["female"]}, {"burned_in": "perhaps"},
    ],
)  # fmt: skip
def test_facts_that_can_not_be_are_not_believed(broken: Origin, monkeypatch: pytest.MonkeyPatch, facts: object) -> None:
    told_to(monkeypatch, ({"pictures": 1, "facts": facts}, 0))

    with pytest.raises(UnreadFileError):
        reading.facts(dicom(), LIMITS)


def test_facts_come_back_as_they_were_read() -> None:
    found, pictures = reading.facts(dicom(**INGRID), LIMITS)

    assert pictures == 1
    assert isinstance(found, DicomFacts)
    assert (found.name, found.patient_id, str(found.born)) == ("Ingrid Sørensen", "4711", "1970-06-12")


@pytest.mark.parametrize(
    "said",
    [
        [({}, 3)], [({"path": 3}, 3)], [({"path": "a" * 70_000}, 3)], [({"path": "a"}, MEGABYTE)] * 3,
        [({"path": "a"}, 1)] * 5,
    ],
    ids=["no name", "a number", "a long name", "too much", "too many"],
)  # fmt: skip
def test_more_than_a_zip_file_may_hold_is_not_believed(
    broken: Origin, monkeypatch: pytest.MonkeyPatch, said: list[object]
) -> None:
    told_to(monkeypatch, *said)

    with pytest.raises(UnreadFileError):
        list(reading.unpacked(BytesIO(b""), ZipLimits(entries=4, single_megabytes=1, megabytes=2)))


@pytest.mark.parametrize(
    "said",
    [[({}, 8)], [({}, 2 * MEGABYTE)] * 9],
    ids=["no line", "too much"],
)
def test_lines_that_can_not_be_are_not_believed(
    broken: Origin, monkeypatch: pytest.MonkeyPatch, said: list[object]
) -> None:
    told_to(monkeypatch, *said)

    with pytest.raises(UnreadFileError):
        reading.lines(b"a", LIMITS, 10, 10)


def test_who_does_not_want_the_rest_of_a_zip_file_ends_its_process(broken: Origin) -> None:
    content = packed(("a.png", PICTURE), ("b.bin", bytes(range(256)) * 40_000), method=ZIP_STORED)
    with closing(reading.unpacked(BytesIO(content), ZipLimits())) as files:
        first = next(files)
        reading_one = psutil.Process(broken.pid).children()

    assert first == reading.Unpacked("a.png", PICTURE)
    assert len(reading_one) == 1
    assert psutil.wait_procs(reading_one, timeout=5)[1] == []


def test_the_largest_photographs_of_every_kind_fit_into_what_a_file_may_take() -> None:
    limits, sides = Limits(megapixels=6), (3000, 2000)
    for mode, options in (("P", {"transparency": 0}), ("LA", {}), ("I;16", {}), ("RGBA", {})):
        reading.photograph(png(Image.new(mode, sides), compress_level=1, **options), limits)
    reading.photograph(jpeg(Image.new("CMYK", sides)), limits)


def test_a_refusal_of_a_zip_file_is_that_of_its_reader() -> None:
    with pytest.raises(RefusedUploadError, match="The zip file is damaged"):
        list(reading.unpacked(BytesIO(b"PK\x03\x04" + bytes(100)), ZipLimits()))
