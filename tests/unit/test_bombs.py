"""Files made to do harm, read as they are on the site: a photograph or one sentence, in bounded time and memory."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.batches.sending.sheet import SheetError, read_sheet
from app.decoding import asking, reading
from app.decoding.asking import UnreadFileError
from app.decoding.limits import Limits
from app.errors import RefusedUploadError
from app.upload.inspection import SafeImage, inspect
from tests.bombs import BOMBS, SCRIPT, SOUND
from tests.unit.test_batch_archive import HOSTILE
from tests.unit.test_batch_archive import LIMITS as ZIP_LIMITS

LIMITS = Limits()
MOST_SECONDS = 6  # of processor time; the longest, which is decoded in full, takes one where nothing else runs
MOST_KILOBYTES = 500 * 1024


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What each process took, as the one that it was forked from counts it."""
    told: list[dict[str, Any]] = []

    def end(process: Any) -> dict[str, Any]:
        with process._data, process._status:
            process._status.settimeout(20)
            told.append(json.loads(process._status.recv(4096)))
        return told[-1]

    monkeypatch.setattr(asking._Process, "end", end)
    yield told
    for one in told:
        assert one["status"] == 0
        assert one["seconds"] < MOST_SECONDS
        assert one["peak"] < MOST_KILOBYTES


def judged(content: bytes) -> SafeImage | str:
    """Return the photograph, or the sentence; no process may have stopped."""
    try:
        return inspect(content, LIMITS, index=0, confirmed=True)
    except UnreadFileError:
        raise
    except RefusedUploadError as refusal:
        return refusal.message


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_a_sentence_or_a_photograph_of_which_nothing_else_is_left(
    name: str, used: list[dict[str, Any]]
) -> None:
    found = judged(BOMBS[name]())

    if isinstance(found, str):
        assert found.endswith((".", ")."))
        assert "\n" not in found
    else:
        assert max(found.image.size) <= 2048
        assert SCRIPT not in found.png
        assert b"PK\x03\x04" not in found.png


@pytest.mark.parametrize("name", SOUND)
def test_a_file_cut_off_anywhere_is_a_sentence(name: str) -> None:
    whole = SOUND[name]()

    for end in range(100, len(whole) - 2, max(100, len(whole) // 30)):
        assert isinstance(judged(whole[:end]), str), end
    assert isinstance(judged(whole), SafeImage)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_zip_file_is_refused_by_its_process(kind: str, used: list[dict[str, Any]]) -> None:
    make, sentence = HOSTILE[kind]

    with pytest.raises(RefusedUploadError) as refused:
        list(reading.unpacked(io.BytesIO(make()), ZIP_LIMITS))

    assert refused.value.message == sentence


SHEETS = {
    "a formula": b"file,patient\na.png,=cmd|' /C calc'!A0\n",
    "a million cells": b"file" + b"," * 1_000_000 + b"\n",
    "a million lines": b"file,age\n" + b",1\n" * 600_000,
    "one cell of two megabytes": b'file\n"' + b"a" * 2_000_000 + b'"\n',
    "a quotation mark that is never closed": b'file\n"a.png\n' * 10,
    "a workbook": b"PK\x03\x04" + bytes(100),
    "nothing but zeros": bytes(10_000),
    "half of a character": "file\na".encode("utf-16")[:-1],
    "quotation marks alone": b'"' * 1_000_001,
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_hostile_spreadsheet_is_read_or_refused(name: str, used: list[dict[str, Any]]) -> None:
    try:
        found = read_sheet(SHEETS[name], 2000).rows[0].patient
    except SheetError as error:
        found = error.message

    assert found is not None
    assert found.endswith((".", ").", "=cmd|' /C calc'!A0"))
