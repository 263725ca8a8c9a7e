"""The fields of a place on the body map, which the page's script fills in."""

from __future__ import annotations

from wtforms import HiddenField
from wtforms.validators import AnyOf, Optional, ValidationError

from app.fields import FractionField
from app.patients.records import Place
from app.patients.rules import SIDES

OUTSIDE = "The mark does not lie on the body map; please set it again."


class PlaceFields:
    """A place on the body map, for a form in which a lesion is written down."""

    side = HiddenField(validators=[Optional(), AnyOf(SIDES, message=OUTSIDE)])
    x = FractionField(OUTSIDE)
    y = FractionField(OUTSIDE)

    def require_whole_place(self) -> None:
        """Raise ValidationError at half a place on the map, or at one outside."""
        given = [bool(self.side.data), self.x.data is not None, self.y.data is not None]
        if self.side.errors or self.x.errors or self.y.errors or (any(given) and not all(given)):
            raise ValidationError(OUTSIDE)

    @property
    def place(self) -> Place | None:
        """The place that was marked; None if none was."""
        side, x, y = self.side.data, self.x.data, self.y.data
        return None if not side or x is None or y is None else Place(side, x, y)
