"""Columns that are encrypted in the database: whoever has the database alone reads nothing of a patient in them."""

from __future__ import annotations

from app.encrypted.types import EncryptedJSON, EncryptedText, Unreadable, required

__all__ = ["EncryptedJSON", "EncryptedText", "Unreadable", "required"]
