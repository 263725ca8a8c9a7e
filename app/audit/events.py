"""What an event says, and the words for it that features share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

VIEW, SEARCH, DOWNLOAD, EXPORT = "view", "search", "download", "export"
UPLOAD, CHANGE, ERASE, SHARE = "upload", "change", "erase", "share"
SIGN_IN, SIGN_OUT, PERMISSION, OPERATE = "sign-in", "sign-out", "permission", "operate"
ACTIONS = MappingProxyType(
    {
        SIGN_IN: "Signing in",
        SIGN_OUT: "Signing out",
        VIEW: "Looking at a record",
        SEARCH: "Listing and searching",
        DOWNLOAD: "Downloading a file",
        EXPORT: "Exporting data",
        UPLOAD: "Adding photographs",
        CHANGE: "Changing a record",
        ERASE: "Erasing",
        SHARE: "Sending to another system",
        PERMISSION: "Accounts and permissions",
        OPERATE: "Running the site",
    }
)

DONE, REFUSED, FAILED, PENDING = "done", "refused", "failed", "pending"
OUTCOMES = MappingProxyType({DONE: "Done", REFUSED: "Refused", FAILED: "Failed", PENDING: "Asked for a second step"})

PATIENT, LESION, TEST, REPORT, BATCH = "patient", "lesion", "test", "report", "batch"
DELIVERY, TOKEN, ACCOUNT, CLINIC, FILTER = "delivery", "token", "account", "clinic", "filter"
PASSKEY, INVITATION = "passkey", "invitation"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that somebody did, as it is going to be recorded: see `tables.AuditEvent`."""

    action: str
    operation: str
    outcome: str = DONE
    status: int | None = None
    actor_id: int | None = None
    role: str | None = None
    clinic_id: int | None = None
    subject_kind: str | None = None
    subject_id: str | None = None
    patient_id: str | None = None
    address: str | None = None
    agent: str | None = None
    channel: str = ""
    request_id: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
