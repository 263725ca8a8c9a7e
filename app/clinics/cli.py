"""The commands ``flask --app wsgi clinics`` and those of ``users`` that say where an account belongs."""

from __future__ import annotations

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import func, select

from app.auth.services import found, normal_email
from app.auth.tables import User
from app.clinics import services
from app.clinics.forms import LONGEST_NAME
from app.clinics.selectors import account_of, clinic_called
from app.clinics.selectors import clinics as all_clinics
from app.errors import AppError
from app.extensions import db
from app.security.roles import CLINICIAN, ROLES

clinics = AppGroup("clinics", help="Clinics, whose the patients are.")
role_option = click.option("--role", type=click.Choice(list(ROLES)), default=CLINICIAN, show_default=True)


@clinics.command("list")
def list_() -> None:
    """List the clinics with their ids and how many members they have."""
    session = db.session()
    counted = select(User.clinic_id, func.count()).group_by(User.clinic_id)
    members: dict[int, int] = {row[0]: row[1] for row in session.execute(counted)}
    for clinic in all_clinics(session):
        click.echo(f"{clinic.public_id}  {members.get(clinic.id, 0):>4}  {clinic.name}")


@clinics.command()
@click.argument("name")
def create(name: str) -> None:
    """Create a clinic called NAME, without members."""
    clinic = found(db.session(), name=_name(name))
    db.session.commit()
    click.echo(f"There is a clinic {clinic.public_id} now.")


@clinics.command()
@click.argument("clinic")
@click.argument("name")
def rename(clinic: str, name: str) -> None:
    """Give CLINIC (its id, or its name) another NAME."""
    with _Saying():
        services.rename(db.session(), clinic_called(db.session(), clinic), name=_name(name))
        db.session.commit()


@click.command()
@click.argument("email")
@click.argument("clinic")
@role_option
@with_appcontext
def move(email: str, clinic: str, role: str) -> None:
    """Let the account of EMAIL go to CLINIC; what the person has done stays with the clinic where it was done."""
    with _Saying():
        account = account_of(db.session(), normal_email(email))
        services.move(db.session(), account, clinic=clinic_called(db.session(), clinic), role=role)
        db.session.commit()


@click.command()
@click.argument("email")
@click.argument("role", type=click.Choice(list(ROLES)))
@with_appcontext
def role(email: str, role: str) -> None:
    """Give the account of EMAIL another ROLE in its clinic."""
    with _Saying():
        services.give_role(db.session(), account_of(db.session(), normal_email(email)), role=role)
        db.session.commit()


@click.command()
@click.argument("email")
@click.option("--undo", is_flag=True, help="Let the person sign in again.")
@with_appcontext
def disable(email: str, *, undo: bool) -> None:
    """End the sessions and tokens of EMAIL at once, and let nobody sign in to the account."""
    with _Saying():
        account = account_of(db.session(), normal_email(email))
        (services.enable if undo else services.disable)(db.session(), account)
        db.session.commit()


class _Saying:
    """Says what an AppError says, as commands do."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Turn an AppError into the message of a command."""
        if isinstance(error, AppError):
            raise click.ClickException(error.message) from error


def _name(name: str) -> str:
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise click.UsageError(f"A clinic's name has 1 to {LONGEST_NAME} characters.")
    return name.strip()
