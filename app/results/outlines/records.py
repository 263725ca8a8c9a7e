"""What is known of the size and shape of the lesion in one photograph."""

from __future__ import annotations

from dataclasses import dataclass

from app.results.outlines.tables import LesionOutline, Scale
from app.results.outlines.wording import REFUSALS


@dataclass(frozen=True, slots=True)
class Measured:
    """Outline and scale of one photograph, as far as there are any.

    `outline` is None until the worker has looked at the photograph. `px_per_mm` is in pixels of the kept photograph;
    None without a scale. Values of two photographs can be compared only if both are of the same `version`.
    """

    outline: LesionOutline | None
    scale: Scale | None
    px_per_mm: float | None

    @property
    def waits(self) -> bool:
        """Whether the photograph has still to be looked at."""
        return self.outline is None

    @property
    def refusal(self) -> str | None:
        """The sentence that says why there is no outline; None if there is one, or if it waits."""
        code = None if self.outline is None else self.outline.refused
        return None if code is None else REFUSALS.get(code, "The lesion could not be outlined.")

    @property
    def version(self) -> str | None:
        """The version of the network that drew the outline."""
        return None if self.outline is None else self.outline.version

    @property
    def area_mm2(self) -> float | None:
        """Area in square millimetres; None without outline or scale."""
        area = None if self.outline is None else self.outline.area
        return None if area is None or self.px_per_mm is None else area / self.px_per_mm**2

    @property
    def diameter_mm(self) -> float | None:
        """Largest diameter in millimetres; None without outline or scale."""
        diameter = None if self.outline is None else self.outline.diameter
        return None if diameter is None or self.px_per_mm is None else diameter / self.px_per_mm
