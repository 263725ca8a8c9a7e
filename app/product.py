"""What we call ourselves in what other systems read."""

from __future__ import annotations

MANUFACTURER = "Lentigo"
VERSION = "0.1.0"  # that of pyproject.toml
