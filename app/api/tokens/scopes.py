"""What a token may be used for: each scope includes the ones before it."""

from __future__ import annotations

READ, WRITE, ADMIN = "read", "write", "admin"
SCOPES = {
    READ: "Read: see patients, lesions, tests and reports",
    WRITE: "Write: also make, change and delete tests, and write down patients and lesions",
    ADMIN: "Admin: also erase and merge patients, and see and revoke access tokens",
}
ORDER = tuple(SCOPES)


def includes(held: str, needed: str) -> bool:
    """Tell whether a scope is enough for what needs another."""
    return ORDER.index(held) >= ORDER.index(needed)
