"""What is asked of authenticators and how their answers are checked (WebAuthn level 3), by py_webauthn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from flask import json
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.auth.passkeys.relying_party import NAME, RelyingParty
from app.errors import AppError

LONGEST = 16 * 1024  # characters of an answer
LONGEST_ID = 1023  # bytes of a credential's id
TIMEOUT = 5 * 60 * 1000  # milliseconds
# we ask for no attestation; some authenticators vouch for themselves all the same
FORMATS = (AttestationFormat.NONE, AttestationFormat.PACKED)
VERIFIED = UserVerificationRequirement.REQUIRED  # the person, by fingerprint, face or PIN: two factors in one
# what py_webauthn, cryptography and json raise at answers that make no sense
MALFORMED = (
    WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError, UnsupportedAlgorithm,
    InvalidSignature,
)  # fmt: skip


class RefusedPasskeyError(AppError):
    """The answer of an authenticator that doesn't prove what it should; why is not for the person at the screen."""

    status = 422
    title = "This passkey can't be used"


@dataclass(frozen=True, slots=True)
class NewCredential:
    """What is kept of a credential that an authenticator has just made."""

    credential: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an authenticator, not checked yet: of which credential, and of which account it says it is."""

    credential: bytes
    handle: bytes | None
    written: AuthenticationCredential


def registration_options(
    party: RelyingParty, challenge: bytes, *, email: str, name: str, handle: bytes, known: Iterable[bytes]
) -> dict[str, Any]:
    """Return what a browser needs to make a passkey: on an authenticator that has none of these yet."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=NAME,
        user_name=email,
        user_display_name=name,
        user_id=handle,
        challenge=challenge,
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
    )
    return options_to_json_dict(options)


def sign_in_options(party: RelyingParty, challenge: bytes, *, known: Iterable[bytes]) -> dict[str, Any]:
    """Return what a browser needs to ask for one of these passkeys, or for any of this site if there are none."""
    allowed = [PublicKeyCredentialDescriptor(id=credential) for credential in known]
    options = generate_authentication_options(
        rp_id=party.id, challenge=challenge, timeout=TIMEOUT, allow_credentials=allowed, user_verification=VERIFIED
    )
    return options_to_json_dict(options)


def registered(party: RelyingParty, challenge: bytes, written: str) -> NewCredential:
    """Check the answer to `registration_options`; RefusedPasskeyError."""
    try:
        credential = parse_registration_credential_json(_object(written))
        _require_plain(credential)
        found = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except MALFORMED as error:
        raise RefusedPasskeyError("The passkey was not made as it should be. Please try again.") from error
    if len(found.credential_id) > LONGEST_ID:
        raise RefusedPasskeyError("This authenticator can't be used here.")
    return NewCredential(found.credential_id, found.credential_public_key, found.sign_count)


def answer_of(written: str) -> Answer:
    """Read the answer to `sign_in_options`; RefusedPasskeyError if it makes no sense."""
    try:
        credential = parse_authentication_credential_json(_object(written))
    except MALFORMED as error:
        raise RefusedPasskeyError("The passkey's answer could not be read. Please try again.") from error
    return Answer(credential.raw_id, credential.response.user_handle, credential)


def new_sign_count(party: RelyingParty, challenge: bytes, answer: Answer, *, public_key: bytes) -> int:
    """Check an answer and return the counter that it was signed with; RefusedPasskeyError.

    Whether the counter is newer than the last is for the caller to say, of an answer that is genuine.
    """
    try:
        found = verify_authentication_response(
            credential=answer.written,
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except MALFORMED as error:
        raise RefusedPasskeyError("The passkey's answer is not right. Please try again.") from error
    return found.new_sign_count


def _object(written: str) -> dict[str, Any]:
    """Return the JSON object that a script sent; ValueError."""
    if len(written) > LONGEST:
        raise ValueError("too long")
    found = json.loads(written)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found


def _require_plain(credential: RegistrationCredential) -> None:
    """Raise ValueError for kinds of attestation that we never ask for: less is read of what anybody may send."""
    if parse_attestation_object(credential.response.attestation_object).fmt not in FORMATS:
        raise ValueError("another format")
