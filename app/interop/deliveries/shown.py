"""What the page of a test says of where it was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_login import current_user

from app.auth.tables import User
from app.extensions import db
from app.interop.deliveries.destinations import KINDS, current_destinations
from app.interop.deliveries.selectors import deliveries_of_analysis
from app.interop.deliveries.tables import Delivery
from app.results.tables import Analysis


@dataclass(frozen=True, slots=True)
class Line:
    """One system: the `newest` delivery to it, if any, and those before; `where` is None if it isn't configured."""

    name: str
    kind: str
    where: str | None
    newest: Delivery | None
    earlier: Sequence[Delivery]


def deliveries(analysis: Analysis) -> Sequence[Line]:
    """Return a line for each system that is configured, or that something was sent to, for any template."""
    user: User = current_user._get_current_object()
    known, configured = deliveries_of_analysis(db.session(), user, analysis), current_destinations()
    by_kind = {name: [delivery for delivery in known if delivery.destination == name] for name in KINDS}
    return [
        Line(name, kind, configured[name].where if name in configured else None, next(iter(found), None), found[1:])
        for (name, kind), found in zip(KINDS.items(), by_kind.values(), strict=True)
        if found or name in configured
    ]
