"""Jobs as JSON: whoever can write into the queue can't make the worker run code, as with pickles."""

from __future__ import annotations

import json

from huey.registry import Message
from huey.serializer import Serializer


class JsonSerializer(Serializer):  # type: ignore[misc]  # Huey is untyped
    """Writes Huey's messages as JSON; what JSON can't hold can't be sent, TypeError."""

    def _serialize(self, data: object) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> object:
        fields = json.loads(data)
        return Message(*fields) if isinstance(fields, list) else fields
