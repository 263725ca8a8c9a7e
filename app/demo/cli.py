"""The command ``flask --app wsgi demo``: fill an empty site with a clinic that is invented, and remove it again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect

from app.auth.passwords import current_passwords
from app.auth.tables import User
from app.clock import now
from app.decoding.limits import Limits
from app.demo.clinic import PlannedPatient, patients
from app.demo.paperwork import report_on, send_batch, work_off
from app.demo.removal import remove_demonstration
from app.demo.services import Account, Clinic, add_nameless, add_patient, is_demonstration, make_accounts
from app.errors import AppError
from app.extensions import db
from app.patients import services
from app.patients.selectors import patients_of
from app.patients.tables import Patient
from app.results.jobs import erase_files
from app.results.outlines.jobs import measure
from app.results.tables import Analysis
from app.storage import current_storage

CLOSING = 17  # o'clock: photographs are taken in the nine hours before


@click.command()
@click.option("--remove", is_flag=True, help="Remove what the demonstration made. What others have added stays.")
@click.option("--patients", "count", default=30, show_default=True, type=click.IntRange(4, 60), help="How many.")
@click.option("--seed", default=1, show_default=True, help="Another number makes another clinic.")
@with_appcontext
def demo(*, remove: bool, count: int, seed: int) -> None:
    """Fill an empty site with drawn lesions of invented patients."""
    if not inspect(db.engine).has_table(User.__tablename__):
        upgrade()
    try:
        _remove() if remove else _fill(count, seed)
    except AppError as error:
        raise click.ClickException(error.message) from error


def _fill(count: int, seed: int) -> None:
    session = db.session()
    accounts = make_accounts(session, current_passwords())
    session.commit()
    made: list[Analysis] = []
    planned = list(patients(count, seed, now().year))
    with click.progressbar(planned, label="Patients", item_show_func=None) as progress:
        for number, one in enumerate(progress):
            made += _add(accounts[0 if number < count * 4 / 5 else 1], one)
    _tidy_up(accounts[0], planned)
    refused, emails = sum(not test.accepted for test in made), [account.user.email for account in accounts]
    _add_paperwork(accounts[0], planned[3], made)  # which leaves nothing of these in the session
    click.echo(f"{len(made)} photographs of {count} patients; the classifier did not accept {refused} of them.")
    click.echo("Sign in with one of these; the passwords are shown this once:")
    for email, account in zip(emails, accounts, strict=True):
        click.echo(f"  {email}  {account.password}")
    click.echo("To remove it all: flask --app wsgi demo --remove")


def _add(account: Account, planned: PlannedPatient) -> Iterator[Analysis]:
    tests = add_patient(db.session(), _clinic(account), planned)
    db.session.commit()
    for test in tests:
        measure(test.public_id)
    yield from tests


def _tidy_up(account: Account, planned: Sequence[PlannedPatient]) -> None:
    """Make two records one, archive one, and take a photograph under a name that does not tell whose it is."""
    session = db.session()
    first, second, third = session.scalars(patients_of(account.user).order_by(Patient.id).limit(3)).all()
    services.merge(session, kept=first, other=second, on=now().date())
    services.archive(third)
    add_nameless(session, _clinic(account), planned[-1])
    session.commit()


def _add_paperwork(account: Account, planned: PlannedPatient, made: Sequence[Analysis]) -> None:
    """Issue reports of some tests, and work off a batch of a patient whose record is as it was made."""
    session, clinic = db.session(), _clinic(account)
    report_on(session, clinic, [test for test in made if test.author_id == account.user.id])
    patient = next(one for one in session.scalars(patients_of(account.user)) if one.name == planned.name)
    batch = send_batch(session, clinic, patient, planned.skin, planned.born)
    session.commit()
    work_off(session, batch.id)


def _remove() -> None:
    if not is_demonstration(db.session()):
        raise click.ClickException("There is no demonstration here. Nothing was removed.")
    removed = remove_demonstration(db.session())
    db.session.commit()
    for public_id in removed.tests:
        erase_files(public_id)
    click.echo(f"The demonstration is removed, with {len(removed.tests)} photographs.")
    if removed.kept:
        click.echo(f"{removed.kept} of its accounts, patients and lesions stay: something was added to them.")


def _clinic(account: Account) -> Clinic:
    settings = current_app.config["SETTINGS"]
    today = now().replace(hour=CLOSING, minute=0) - timedelta(days=0 if now().hour >= CLOSING else 1)
    return Clinic(current_storage(), account.user, settings.default_model, Limits.of(settings), today)
