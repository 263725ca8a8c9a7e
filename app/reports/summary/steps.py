"""What can happen next, as the clinician chooses it for the patient's page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

LOOK_AGAIN, NOTHING = "look_again", "nothing"

STEPS: Mapping[str, str] = MappingProxyType(
    {
        "talk": "We will talk about it at your next visit.",
        LOOK_AGAIN: "We will look at the spot again on {day}.",
        "photograph": "The photograph will be taken again.",
        "sample": "A sample of the skin, or the whole spot, will be taken and looked at under a microscope.",
        "specialist": "You will see a specialist. We will tell you where and when.",
        "treatment": "The spot will be treated. We will tell you how and when.",
        NOTHING: "No other appointment is needed for this spot for now.",
    }
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A step by its code, the day of LOOK_AGAIN as year-month-day, and what the clinician adds; empty where not."""

    step: str
    day: str = ""
    words: str = ""

    @property
    def sentence(self) -> str:
        """The step as the patient reads it."""
        on = date.fromisoformat(self.day) if self.day else None
        return STEPS[self.step].format(day=f"{on.day} {on:%B %Y}" if on else "")
