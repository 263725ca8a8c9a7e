"""An engine on a thread that goes behind the others."""

from __future__ import annotations

import os
import sys
import threading

import numpy as np
import pytest

from models.engines.base import Answers, EngineError
from models.engines.behind import Behind

IMAGE = np.zeros((1, 1), np.float32)
STEPS = 3


class Telling:
    """An engine that answers on which thread it runs, and how nice that is."""

    name = "telling"

    def __init__(self) -> None:
        self.built_on = threading.get_native_id()

    def run(self, _image: object) -> Answers:
        """Answer."""
        return {"thread": threading.get_native_id(), "built on": self.built_on, "nice": nice()}


def nice() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own on Linux only")
def test_it_is_built_and_run_on_one_thread_that_is_nicer_than_the_others() -> None:
    before = nice()
    engine = Behind(Telling, STEPS)

    answers = [engine.run(IMAGE) for _ in range(2)]

    assert {answer["thread"] for answer in answers} == {answers[0]["built on"]}
    assert answers[0]["thread"] != threading.get_native_id()
    assert [answer["nice"] for answer in answers] == [before + STEPS] * 2
    assert nice() == before
    assert engine.name == "telling"


def test_what_it_raises_is_raised_where_it_was_asked() -> None:
    def broken() -> Telling:
        raise EngineError("no network")

    with pytest.raises(EngineError, match="no network"):
        Behind(broken, STEPS)


def test_where_no_thread_may_be_nicer_it_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", forbidden)

    assert Behind(Telling, STEPS).run(IMAGE)["nice"] == nice()
