"""What somebody who is invited is written."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.links.addresses import outside
from app.clinics.invitations.services import give_out
from app.clinics.invitations.tables import Invitation
from app.mail import Letter, OutgoingMail, letter

INVITATION = "invitation"


@letter(INVITATION)
def invited(session: Session, mail: OutgoingMail) -> Letter | None:
    """Tell how to make the account; no more is told of an invitation that was revoked meanwhile."""
    invitation = session.get(Invitation, mail.about) if mail.about is not None else None
    if invitation is None:
        return None
    address = outside("invitations.open_link", token=give_out(invitation))
    return Letter(
        "You are invited to Lentigo",
        f"{invitation.inviter.name} invites you to work with Lentigo at {invitation.clinic.name}.\n\n"
        f"Make your account here within seven days:\n{address}\n\n"
        "If you do not know what this is about, ignore this message: nothing changes.",
    )
