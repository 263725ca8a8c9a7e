"""Passwords: argon2id, and a check that takes as long for a person who doesn't exist."""

from __future__ import annotations

import threading
import unicodedata
from functools import cached_property
from typing import cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app

EXTENSION = "passwords"


class Passwords:
    """Hashes and checks passwords with one set of parameters."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._turn = threading.Lock()  # a hash takes 64 MiB: no more than one at a time in a process

    def hash(self, password: str) -> str:
        """Return the hash to keep."""
        with self._turn:
            return self._hasher.hash(_same_on_every_keyboard(password))

    def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the one of the kept hash; without a hash, take as long to say no."""
        with self._turn:
            nobody = self._hash_of_nobody  # made at the first check, whoever it is for
            try:
                self._hasher.verify(nobody if kept is None else kept, _same_on_every_keyboard(password))
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _hash_of_nobody(self) -> str:
        return self._hasher.hash("the password of nobody")


def passwords_for(environment: str) -> Passwords:
    """Return the passwords of an environment: argon2-cffi's recommended parameters, except in tests."""
    if environment == "testing":
        return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return Passwords(PasswordHasher())


def init_app(app: Flask) -> None:
    """Give the application its passwords."""
    app.extensions[EXTENSION] = passwords_for(app.config["SETTINGS"].environment)


def current_passwords() -> Passwords:
    """Return the passwords of the current application."""
    return cast(Passwords, current_app.extensions[EXTENSION])


def _same_on_every_keyboard(password: str) -> str:
    """Return the one spelling of characters that keyboards send in several, such as accented letters."""
    return unicodedata.normalize("NFKC", password)
