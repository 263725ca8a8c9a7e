"""What may be written of patients and lesions: forms and the API hold to the same, and say the same."""

from __future__ import annotations

from datetime import date

from app.clock import months_after, now
from app.inference import OLDEST

LONGEST_NAME, LONGEST_NOTES = 120, 10_000  # characters
LONGEST_LABEL, LONGEST_NOTE, LONGEST_REASON = 80, 2000, 200
SIDES = ("front", "back")  # of the body map
LATEST = 10 * 12  # months ahead for which a follow-up may be planned

BORN = "Please give the year of birth with four digits, such as 1972."
NOTICED = "Please give a day that is not in the future."
AHEAD = "Please give a day from today on, within ten years."


def birth_years() -> tuple[int, int]:
    """Return the first and the last year in which a living person can have been born."""
    this = now().year
    return this - OLDEST, this


def is_birth_year(year: int) -> bool:
    """Tell whether a living person can have been born in a year."""
    first, last = birth_years()
    return first <= year <= last


def is_noticed(day: date) -> bool:
    """Tell whether somebody who lives can have noticed something on a day."""
    return is_birth_year(day.year) and day <= now().date()


def is_ahead(day: date) -> bool:
    """Tell whether a follow-up may be planned for a day."""
    today = now().date()
    return today <= day <= months_after(today, LATEST)
