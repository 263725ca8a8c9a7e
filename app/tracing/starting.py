"""Begin to trace a process, if an address is set: after it was forked, for what sends spans has a thread of its own."""

from __future__ import annotations

import atexit

from app.tracing import traced_by
from config import Settings

MISSING = "LENTIGO_OTLP_ENDPOINT is set, and the packages for traces are not installed: pip install 'lentigo[tracing]'."


def require_packages(settings: Settings) -> None:
    """End the start where traces are wanted and can't be made; SystemExit says what to install."""
    if settings.otlp_endpoint is not None:
        try:
            import app.tracing.telemetry  # noqa: F401, PLC0415 - loads what only those need who trace
        except ImportError as error:
            raise SystemExit(MISSING) from error


def start(settings: Settings, role: str) -> None:
    """Trace what this process does from here on, if that is wanted."""
    if settings.otlp_endpoint is None:
        return
    require_packages(settings)
    from app.tracing import telemetry  # noqa: PLC0415 - as above

    made = telemetry.Telemetry(role, telemetry.to_receiver(settings.otlp_endpoint))
    traced_by(made)
    atexit.register(made.end)
