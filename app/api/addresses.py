"""The part of an address that names a thing: letters, digits, hyphen and underscore; anything else is not found."""

from __future__ import annotations

from werkzeug.routing import BaseConverter

NAME = "public_id"


class PublicIdConverter(BaseConverter):
    """A public id, as `results.tables.new_public_id` makes them."""

    regex = "[A-Za-z0-9_-]{1,64}"
