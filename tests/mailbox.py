"""A mailbox that tests look into, in place of a mail server."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from app.mail import Letter, jobs
from config import Settings

SITE = "https://lentigo.clinic.example"
LINK = re.compile(rf"{SITE}(/\S+/[A-Za-z0-9_-]{{43}})\b")
SENDING = {"mail_url": "smtp://mail.clinic.example", "mail_from": "lentigo@clinic.example", "public_address": SITE}


@dataclass
class Mailbox:
    """What was sent, as pairs of an address and a letter."""

    letters: list[tuple[str, Letter]] = field(default_factory=list)

    def send(self, _settings: Settings, address: str, letter: Letter) -> None:
        self.letters.append((address, letter))

    @property
    def subjects(self) -> list[str]:
        return [letter.subject for _, letter in self.letters]

    def link(self, number: int = -1) -> str:
        """Return the path of the link in a letter."""
        found = LINK.search(self.letters[number][1].text)
        assert found is not None, self.letters[number][1].text
        return found[1]


def opened(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """Let what is sent from now on arrive in a mailbox."""
    mailbox = Mailbox()
    monkeypatch.setattr(jobs, "send", mailbox.send)
    return mailbox
