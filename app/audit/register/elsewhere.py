"""Jobs and commands, and what is recorded of what they change; those that are not here change no record."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.audit.events import ACCOUNT, CHANGE, CLINIC, ERASE, EXPORT, OPERATE, PATIENT, PERMISSION, SHARE, TEST, UPLOAD
from app.audit.register.entries import Entry

OTHERWISE = Entry(CHANGE, "changed records", variable=None)

JOBS: Mapping[str, Entry] = MappingProxyType(
    {
        "app.batches.jobs.work": Entry(UPLOAD, "analysed a photograph of a batch", TEST, None),
        "app.batches.jobs.tidy": Entry(ERASE, "erased files of batches that were too old", variable=None),
        "app.results.jobs.sweep": Entry(ERASE, "removed files that no record refers to", variable=None),
        "app.reports.jobs.sweep_reports": Entry(ERASE, "removed files that no report refers to", variable=None),
        "app.rights.retention.jobs.erase_due": Entry(ERASE, "erased records whose time was over", PATIENT, None),
        "app.interop.deliveries.jobs.deliver": Entry(SHARE, "sent a test to another system", TEST, None),
    }
)
COMMANDS: Mapping[str, Entry] = MappingProxyType(
    {
        "users create": Entry(PERMISSION, "created an account", ACCOUNT, None),
        "users move": Entry(PERMISSION, "moved an account to another clinic", ACCOUNT, None),
        "users role": Entry(PERMISSION, "gave an account another role", ACCOUNT, None),
        "users disable": Entry(PERMISSION, "disabled or enabled an account", ACCOUNT, None),
        "users password": Entry(PERMISSION, "gave an account another password", ACCOUNT, None),
        "users reset-second-factor": Entry(PERMISSION, "reset the second step of an account", ACCOUNT, None),
        "clinics create": Entry(PERMISSION, "made a clinic", CLINIC, None),
        "clinics rename": Entry(CHANGE, "gave a clinic another name", CLINIC, None),
        "erasures apply": Entry(ERASE, "erased again what a backup had brought back", PATIENT, None),
        "keys rotate": Entry(OPERATE, "began to use a new master key", variable=None),
        "keys seal": Entry(OPERATE, "encrypted everything under the newest master key", variable=None),
        "keys retire": Entry(OPERATE, "had an earlier master key forgotten", variable=None),
        "backup make": Entry(EXPORT, "backed the site up", variable=None),
        "backup prune": Entry(OPERATE, "removed backups that were no longer to be kept", variable=None),
        "restore": Entry(OPERATE, "restored a backup", variable=None),
        "demo": Entry(OPERATE, "made or removed the demonstration", variable=None),
        "move": Entry(OPERATE, "moved the site to another database or storage", variable=None),
        "audit restored": Entry(OPERATE, "went on with the audit log of a backup", variable=None),
        "audit prune": Entry(OPERATE, "removed the oldest events of the audit log", variable=None),
    }
)

# tables in which a change is no event: what is counted, what keeps a request from being done twice, the log itself
BOOKKEEPING = frozenset(
    {
        "audit_events", "audit_heads", "backups_made", "data_keys", "erasures", "failed_sign_ins", "idempotency_keys",
        "links", "outgoing_mail", "pending_sign_ins", "sign_ins", "spent_challenges",
    }
)  # fmt: skip
# and, where the worker changes them: how far work is that somebody has asked for, and what is derived of a photograph
PROGRESS = BOOKKEEPING | {
    "batch_items",
    "batches",
    "deliveries",
    "outline_attempts",
    "outlines",
    "photograph_checks",
    "retention_notices",
}
