"""The arithmetic of many clinics: what follows from its assumptions stands on the page, and grows as it must."""

from __future__ import annotations

from dataclasses import replace

import pytest

from load.arithmetic import PAGE, Assumed, Need, assumptions_table, clinics_table, with_tables, written
from load.scaling import Measured, table


def test_the_page_says_what_is_computed() -> None:
    page = PAGE.read_text()

    assert clinics_table() in page
    assert assumptions_table() in page
    assert with_tables(page) == page


def test_ten_times_the_clinics_ask_for_ten_times_as_much() -> None:
    some, many = Need(100), Need(1_000)

    for name in ("requests_a_second", "database_gb", "storage_tb", "web_cores", "log_share"):
        assert getattr(many, name) == pytest.approx(10 * getattr(some, name))


def test_a_day_is_computed_as_one_would_by_hand() -> None:
    assumed = replace(Assumed(), images=36, busiest=0.1, requests=10, web_ms=10, photo_ms=100, used=0.5, cores=1)
    need = Need(1_000, assumed)

    assert need.images_a_day == 36_000
    assert need.images_a_second == pytest.approx(1)
    assert need.web_cores == pytest.approx(0.2)
    assert need.web_servers == 1


@pytest.mark.parametrize(("value", "said"), [(600000, "600,000"), (0.0333, "0.033"), (1455.3, "1,500"), (83.3, "83")])
def test_a_number_has_two_digits_that_count(value: float, said: str) -> None:
    assert written(value) == said


def test_what_was_measured_is_compared_with_the_first() -> None:
    rows = table([Measured(1, 16, 16.0), Measured(2, 32, 17.0)]).splitlines()

    assert rows[-1] == "| 2 | 32 | 17.0 s | 1.9 | 1.88 | 0.94 |"
