"""The form of a scale: the two ends of a line on the photograph, and how long it is."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms.validators import InputRequired

from app.fields import NumberField
from app.results.outlines.scales import Point
from app.results.outlines.services import LEAST_MM, MOST_MM
from app.results.outlines.tables import Scale
from app.results.tables import Analysis

ENDS = ("start_x", "start_y", "end_x", "end_y")
MISSING = "Please give both ends of the line."
PIXELS = "Please give pixels of the photograph, such as 120."
LENGTH = f"Please give the length in millimetres, from {LEAST_MM:g} to {MOST_MM:g}."


class ScaleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Both ends in pixels of the kept photograph, from its upper left corner; the page's script can fill them in."""

    start_x = NumberField("First end, from the left", PIXELS, [InputRequired(MISSING)])
    start_y = NumberField("First end, from the top", PIXELS, [InputRequired(MISSING)])
    end_x = NumberField("Second end, from the left", PIXELS, [InputRequired(MISSING)])
    end_y = NumberField("Second end, from the top", PIXELS, [InputRequired(MISSING)])
    millimetres = NumberField("Length of the line in millimetres", LENGTH, [InputRequired(LENGTH)])

    @classmethod
    def of(cls, analysis: Analysis, scale: Scale | None) -> ScaleForm:
        """Return the form filled in with the scale that counts."""
        if scale is None:
            return cls()
        sides = {"x": analysis.width, "y": analysis.height}
        ends = {name: round((getattr(scale, name) or 0) * sides[name[-1]], 1) for name in ENDS}
        return cls(data=ends | {"millimetres": scale.millimetres})

    def ends(self, analysis: Analysis) -> tuple[Point, Point]:
        """Return the ends as fractions of the photograph's width and height."""
        start_x, start_y, end_x, end_y = (getattr(self, name).data for name in ENDS)
        across, down = analysis.width, analysis.height
        return (start_x / across, start_y / down), (end_x / across, end_y / down)
