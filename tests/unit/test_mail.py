"""Mail: what a server receives, what is tried again, and what is refused at the start."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any, Literal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from flask import Flask
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import now
from app.mail import Letter, OutgoingMail, jobs, letter, post
from app.mail.letters import LETTERS
from app.mail.sending import UNSENT, send
from config import Settings
from tests.mailbox import SENDING, Mailbox, opened

WHO = "lentigo:a%3Ab%40c"
GREETING = Letter("Grüße", "Guten Tag, und hier ist ein Link:\nhttps://lentigo.clinic.example/x\n")


class Received:
    """What the server took."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], Message]] = []
        self.names: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.messages.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"

    def judge(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.names.append(data.login)
        return AuthResult(success=data.password == b"a:b@c", handled=False)


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
def port(received: Received) -> Iterator[int]:
    """The port of a mail server on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    controller = Controller(received, "127.0.0.1", port, authenticator=received.judge, auth_require_tls=False)
    controller.start()
    yield port
    controller.stop()


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    return opened(monkeypatch)


@pytest.fixture
def kind() -> Iterator[str]:
    """A kind of letter for this test alone."""
    letter("test")(lambda _session, _mail: GREETING)
    yield "test"
    del LETTERS["test"]


def sending(**settings: Any) -> Settings:
    return Settings(environment="testing", **{**SENDING, **settings})


def test_a_server_receives_the_letter_whole(port: int, received: Received) -> None:
    send(sending(mail_url=f"smtp://{WHO}@127.0.0.1:{port}"), "ada@clinic.example", GREETING)

    recipients, message = received.messages[0]
    assert recipients == ["ada@clinic.example"]
    assert received.names == [b"lentigo"]
    assert message["From"] == "Lentigo <lentigo@clinic.example>"
    assert str(message["Auto-Submitted"]) == "auto-generated"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == GREETING.text


def test_a_server_that_refuses_the_password_gets_no_letter(port: int, received: Received) -> None:
    with pytest.raises(smtplib.SMTPAuthenticationError):
        send(sending(mail_url=f"smtp://{WHO}x@127.0.0.1:{port}"), "ada@clinic.example", GREETING)

    assert received.messages == []


@pytest.mark.parametrize("address", ["ada@clinic.example\nBcc: mallory@evil.example", "ada", "a b@c"])
def test_an_address_that_no_header_can_hold_is_not_written_to(port: int, received: Received, address: str) -> None:
    with pytest.raises(UNSENT):
        send(sending(mail_url=f"smtp://{WHO}@127.0.0.1:{port}"), address, GREETING)

    assert received.messages == []


def test_a_server_elsewhere_is_written_to_over_tls_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    class Plain(smtplib.SMTP):
        """A server that can't encrypt."""

        def connect(self, host: str = "", port: int = 0, *_: object) -> tuple[int, bytes]:
            said.append(f"{host}:{port}")
            return (220, b"")

        def starttls(self, **_: object) -> tuple[int, bytes]:
            raise smtplib.SMTPNotSupportedError("no STARTTLS")

    monkeypatch.setattr(smtplib, "SMTP", Plain)

    with pytest.raises(UNSENT):
        send(sending(), "ada@clinic.example", GREETING)
    assert said == ["mail.clinic.example:587"]


def test_what_is_sent_leaves_nothing_behind(app: Flask, session: Session, mailbox: Mailbox, kind: str) -> None:
    with app.app_context():
        post(session, kind=kind, address="ada@clinic.example")
        session.commit()

    assert mailbox.letters == [("ada@clinic.example", GREETING)]
    assert session.scalar(select(func.count(OutgoingMail.id))) == 0


def test_what_can_not_be_sent_is_tried_again_and_given_up_in_the_end(
    app: Flask, session: Session, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []

    def unreachable(_settings: Settings, address: str, _letter: Letter) -> None:
        tries.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(jobs, "send", unreachable)
    with app.app_context():
        post(session, kind=kind, address="ada@clinic.example")
        session.commit()
        for minutes in (0, 2, 5, 11, 22, 60, 120):
            moment = now() + timedelta(minutes=minutes)
            monkeypatch.setattr(jobs, "now", lambda moment=moment: moment)
            jobs.deliver_what_is_left()

    assert len(tries) == len(jobs.PAUSES) + 1
    assert session.scalar(select(func.count(OutgoingMail.id))) == 0


def test_a_letter_that_can_not_be_written_holds_up_no_other_and_is_given_up_in_the_end(
    app: Flask, session: Session, kind: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.add(OutgoingMail(kind="of a later version", address="eve@clinic.example"))
    session.add(OutgoingMail(kind=kind, address="ada@clinic.example"))
    session.commit()

    with app.app_context():
        for minutes in range(0, 60, 4):
            moment = now() + timedelta(minutes=minutes)
            monkeypatch.setattr(jobs, "now", lambda moment=moment: moment)
            jobs.deliver_what_is_left()

    assert mailbox.letters == [("ada@clinic.example", GREETING)]
    assert session.scalar(select(func.count(OutgoingMail.id))) == 0


def test_a_letter_that_one_worker_has_in_hand_is_not_sent_by_another(
    app: Flask, session: Session, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def slow(_settings: Settings, address: str, _letter: Letter) -> None:
        sent.append(address)
        jobs.deliver_what_is_left()  # of the other worker, by the clock

    monkeypatch.setattr(jobs, "send", slow)
    with app.app_context():
        post(session, kind=kind, address="ada@clinic.example")
        session.commit()

    assert sent == ["ada@clinic.example"]


def test_on_somebodys_own_machine_a_letter_is_shown_at_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(environment: Literal["local", "testing"]) -> str:
        send(Settings(environment=environment), "ada@clinic.example", GREETING)
        return capsys.readouterr().err

    assert "To: ada@clinic.example" in shown("local")
    assert GREETING.text in shown("local")
    assert shown("testing") == ""


@pytest.mark.parametrize("missing", ["mail_from", "public_address"])
def test_mail_needs_a_sender_and_an_address_for_its_links(missing: str) -> None:
    with pytest.raises(ValidationError, match="LENTIGO_MAIL_FROM and LENTIGO_PUBLIC_ADDRESS"):
        sending(**{missing: None})


@pytest.mark.parametrize("url", ["http://mail.example", "mail.example", "smtp://", "smtp://mail.example/inbox"])
def test_what_is_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="mail_url"):
        sending(mail_url=url)


def test_the_servers_password_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    secret = "smtp://lentigo:" + "hunter2@mail.example"

    assert "hunter2" not in repr(sending(mail_url=secret))
