"""The settings of where files are kept: by default in a folder, which needs nothing but Python."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from app.setting_kinds import ObjectStore, OptionalText, StorageAddress


class StorageSettings(BaseSettings):
    """A part of the settings: see `config.Settings`."""

    storage_url: StorageAddress = Field(
        None,
        description="Where photographs and reports are kept: `s3://bucket/prefix`, or `file:///folder`. Default: "
        "`files` in the instance folder.",
    )
    s3_endpoint: ObjectStore = Field(
        None,
        description="Address of an S3-compatible store, such as `https://objects.clinic.example`. Default: Amazon's.",
    )
    s3_region: OptionalText = Field(None, description="Region of the bucket, where the store asks for one.")
    s3_key: OptionalText = Field(
        None,
        repr=False,
        description="Access key of the store. Default: where boto3 looks for it, such as the role of the machine.",
    )
    s3_secret: OptionalText = Field(None, repr=False, description="Secret that belongs to that key.")
    s3_plain_http: bool = Field(
        False,
        description="In production the store may be asked over plain HTTP: only in a network of its own, for sizes, "
        "times and names of objects can be read on the way, though not what they hold.",
    )
