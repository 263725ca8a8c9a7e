"""What is sent and answered of deliveries."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from app.api.schemas import Answer, Identifier, Moment, OneOf, Sent
from app.interop.deliveries.destinations import FHIR, KINDS
from app.interop.deliveries.tables import SENT, STATES, WAITING, Delivery

Kind = Annotated[str, OneOf(*KINDS)]


class DeliverySent(Sent):
    """Where a test is to be sent."""

    destination: Kind = Field(examples=[FHIR], description="The kind of system: one that the administrator has set up.")


class DeliveryAnswer(Answer):
    """A test that is to be, or was, sent to another system."""

    id: Identifier
    destination: Kind = Field(examples=[FHIR])
    state: Annotated[str, OneOf(*STATES)] = Field(examples=[SENT])
    attempts: int = Field(examples=[1])
    reason: str | None = Field(examples=[None], description="Why the last attempt failed, as a sentence.")
    reference: str | None = Field(
        examples=["DiagnosticReport/0b5e0a4e-6f0c-5a3e-9d3c-5f1e6a7c8b9d"], description="What the other side calls it."
    )
    requested_at: Moment
    next_attempt_at: Moment | None = Field(description="While it waits: not before.")
    sent_at: Moment | None

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryAnswer:
        """Answer a delivery."""
        members = ("destination", "state", "attempts", "reason", "reference", "requested_at", "sent_at")
        return cls(
            id=delivery.public_id,
            next_attempt_at=delivery.next_attempt_at if delivery.state == WAITING else None,
            **{name: getattr(delivery, name) for name in members},
        )
