"""The settings of other systems that tests can be sent to: a record system, an image archive."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings

from app.setting_kinds import AeTitle, OptionalPath, OptionalText, SafeServer, Token


class InteropSettings(BaseSettings):
    """A part of the settings: see `config.Settings`."""

    fhir_url: SafeServer = Field(
        None,
        description="Base address of the FHIR R4 server that tests can be sent to, such as "
        "`https://records.clinic.example/fhir`. Must be `https` unless the server runs on this machine. Default: none, "
        "and nothing is sent.",
    )
    fhir_token: Token = Field(None, repr=False, description="Bearer token for that server.")
    pacs_host: OptionalText = Field(
        None, description="Host of the image archive that tests can be sent to. Nothing is sent unless this is set."
    )
    pacs_port: int = Field(104, ge=1, le=65535, description="Port that the archive listens on.")
    pacs_ae_title: AeTitle = Field("ANY-SCP", description="Application entity title of the archive.")
    pacs_calling_ae_title: AeTitle = Field(
        "LENTIGO", description="Application entity title by which the archive knows Lentigo."
    )
    pacs_tls: bool = Field(False, description="Talk to the archive over TLS; its certificate must be for its host.")
    pacs_ca_file: OptionalPath = Field(
        None,
        description="PEM file of the authorities that may vouch for the archive. Default: those this machine trusts.",
    )
