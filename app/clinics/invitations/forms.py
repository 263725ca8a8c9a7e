"""Forms of the invitations: who is invited, and who accepts."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the type stubs
from wtforms.validators import InputRequired

from app.auth.forms import NewPassword, email_field, name_field
from app.clinics.invitations.tables import Invitation
from app.security.roles import CLINICIAN, ROLES


class InvitationForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Whom to invite, and to what."""

    email = email_field()
    role = SelectField(
        "Role",
        choices=[SelectChoice(*role) for role in ROLES.items()],
        default=CLINICIAN,
        validators=[InputRequired()],
    )


class AcceptanceForm(NewPassword):
    """A new account in a clinic."""

    name = name_field()

    def __init__(self, invitation: Invitation) -> None:
        super().__init__()
        self._invitation = invitation

    def names(self) -> Sequence[str]:
        """Return what is known of the person, and the clinic."""
        return (self.name.data or "", self._invitation.email, self._invitation.clinic.name)
