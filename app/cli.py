"""Administration commands: ``flask --app wsgi ...``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app import supervisor
from app.auth import changing, services
from app.auth.forms import EMAIL
from app.auth.password_rules import objection
from app.auth.passwords import current_passwords
from app.auth.tables import User
from app.auth.two_factor import changes
from app.clinics import cli as clinics
from app.clinics.selectors import clinic_called
from app.decoding.origins import origins
from app.errors import AppError
from app.extensions import db
from app.inference import answer_side_by_side
from app.jobs import current_queue
from app.jobs.queue import UnusableError
from app.memory import return_large_blocks
from app.metrics.sharing import WORKER, folder_of, share
from app.operations.beside import answer_beside
from app.priority import take_turns_often, yield_to_others
from app.security.roles import ADMINISTRATOR, CLINICIAN, ROLES
from app.tracing.starting import start

ASKED = "Password"

users = AppGroup("users", help="Accounts.")


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (clinics.move, clinics.role, clinics.disable):
        users.add_command(command)
    for command in (users, clinics.clinics, worker, serve):
        app.cli.add_command(command)


@users.command()
@click.argument("email")
@click.option("--name", prompt=True, help="How the person is called on pages and reports.")
@click.option("--clinic", help="The id or the name of the clinic to join; without it, one of the person's own is made.")
@click.option("--role", type=click.Choice(list(ROLES)), help="In the clinic to join; clinician, if nothing is said.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; otherwise ask for it.")
def create(email: str, name: str, clinic: str | None, role: str | None, *, password_stdin: bool) -> None:
    """Create an account for EMAIL."""
    if not EMAIL.fullmatch(email):
        raise click.UsageError(f"{email} is not an e-mail address.")
    password = _chosen_password(from_stdin=password_stdin, names=(name, email))
    if role is not None and clinic is None:
        raise click.UsageError("A role is one in a clinic: say --clinic, too.")
    try:
        joined = None if clinic is None else clinic_called(db.session(), clinic)
        user = services.register(
            db.session(),
            current_passwords(),
            name=name,
            email=email,
            password=password,
            clinic=joined,
            role=role or (ADMINISTRATOR if joined is None else CLINICIAN),
        )
    except AppError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(f"There is an account for {user.email} now.")


@users.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Remove authenticator app, passkeys and recovery codes of EMAIL, whose password alone is then enough."""
    user = _user(email)
    had = changes.reset(db.session(), user)
    db.session.commit()
    if not had:
        raise click.ClickException(f"{user.email} has no second factor; all sign-ins have ended.")
    click.echo(f"{user.email} has no second factor any more, and is signed out everywhere.")


@users.command()
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input; otherwise ask for it.")
@click.option("--revoke-tokens", is_flag=True, help="Revoke the access tokens of the account too.")
def password(email: str, *, password_stdin: bool, revoke_tokens: bool) -> None:
    """Give the account of EMAIL another password, and sign it out everywhere."""
    user = _user(email)
    chosen = _chosen_password(from_stdin=password_stdin, names=(user.name, user.email))
    changing.set_password(db.session(), current_passwords(), user=user, password=chosen, programs_too=revoke_tokens)
    db.session.commit()
    click.echo(f"{user.email} has another password now, and is signed out everywhere.")


@click.command()
@with_appcontext
def worker() -> None:
    """Run the jobs that wait, until SIGTERM."""
    try:
        consumer = current_queue().worker()
    except UnusableError as error:
        raise click.ClickException(f"The queue can't be opened: {error}") from error
    yield_to_others()  # above all to the web server, where somebody waits for each photograph
    take_turns_often()
    return_large_blocks()  # the photographs of a batch pass through here
    answer_side_by_side(current_app)
    origins.start()
    share(folder_of(current_app.config["SETTINGS"]), WORKER)
    start(current_app.config["SETTINGS"], WORKER)
    answer_beside(current_app)
    consumer.run()


@click.command()
def serve() -> None:
    """Run web server and worker together, until Ctrl-C."""
    sys.exit(supervisor.main())


def _user(email: str) -> User:
    user = services.user_by_email(db.session(), email=email)
    if user is None:
        raise click.ClickException(f"There is no account for {email}.")
    return user


def _chosen_password(*, from_stdin: bool, names: Sequence[str]) -> str:
    """Read a password, and refuse what the pages would refuse."""
    asked = (
        sys.stdin.readline().rstrip("\n")
        if from_stdin
        else click.prompt(ASKED, hide_input=True, confirmation_prompt=True)
    )
    problem = objection(str(asked), names=names)
    if problem:
        raise click.UsageError(problem)
    return str(asked)
