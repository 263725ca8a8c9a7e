"""Which passwords are refused as guessed first."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.guessable import common_passwords, is_guessable

NAMES = ("Ada Berg", "ada.berg@clinic.example", "Lakeside clinic", "Lentigo")


@pytest.mark.parametrize(
    "password",
    [
        "xxxxxxxxxxxxxxx",
        " " * 15,
        "🔑" * 15,
        "aZ" * 64,
        "abcdefghijklmnop",
        "123456789012345",
        "qwertyuiopasdfgh",
        "19740312 19760812",
        "passwordpassword",
        "P@ssw0rdP@ssw0rd",
        "PASSWORDpassword1!",
        "dragon monkey 123456",
        "summerholiday2024",
        "пароль пароль пароль",
        "ada.berg@clinic.example",
        "Ada Berg Ada Berg 1",
        "lakeside clinic 2026",
        "\uff30assword1234567",
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert is_guessable(password, NAMES)


@pytest.mark.parametrize(
    "password",
    ["two green birds", "zwei grüne vögel", "Kx7#mQ2$vL9!pR4", "correct horse battery", "три зелёные птицы"],
)
def test_a_few_words_will_do_and_so_will_what_a_machine_made(password: str) -> None:
    assert not is_guessable(password, NAMES)


def test_the_list_holds_more_than_the_3000_that_are_asked_for() -> None:
    assert len(common_passwords()) > 20_000


def test_a_name_is_refused_only_to_whom_it_belongs() -> None:
    assert is_guessable("svendottir svendottir", ("Grete Svendottir",))
    assert not is_guessable("svendottir svendottir", NAMES)


@given(st.text(max_size=256))
def test_any_text_is_judged_at_once(password: str) -> None:
    began = time.perf_counter()

    is_guessable(password, NAMES)

    assert time.perf_counter() - began < 1.0


def test_a_password_that_looks_like_many_others_takes_no_longer() -> None:
    began = time.perf_counter()

    is_guessable("4@8({[<3691!|0$5+7%2" * 12)

    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize("length", [24, 32])
def test_random_digits_and_letters_are_hardly_ever_refused(length: int) -> None:
    made = random.Random(6)  # noqa: S311 - the same in each run

    refused = [one for one in (f"{made.getrandbits(4 * length):0{length}x}" for _ in range(500)) if is_guessable(one)]

    assert len(refused) <= 5
