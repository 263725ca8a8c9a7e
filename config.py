"""Settings: one frozen object made from ``LENTIGO_*`` variables; nothing else reads the environment."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from app.engine_settings import EngineSettings
from app.flask_settings import for_flask
from app.inference_settings import InferenceSettings
from app.interop_settings import InteropSettings
from app.production import refuse_unsafe
from app.secret_files import kept_secret
from app.secret_settings import SettingsWithSecrets
from app.setting_kinds import (
    LOOPBACK,
    AbsolutePath,
    Hosts,
    Mailbox,
    MailServer,
    MasterKeys,
    OptionalPath,
    Picture,
    WebAddress,
    sentence_of,
)
from app.storage_settings import StorageSettings
from app.watching_settings import WatchingSettings

ROOT = Path(__file__).parent


class Settings(
    SettingsWithSecrets, EngineSettings, StorageSettings, InferenceSettings, InteropSettings, WatchingSettings
):
    """Everything that can be configured; each field is the variable ``LENTIGO_`` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="LENTIGO_", env_file=".env", frozen=True, extra="ignore")

    environment: Literal["local", "production", "testing"] = Field(
        "local",
        description="`local` needs no configuration; `production` refuses to start with unsafe settings.",
    )
    instance: AbsolutePath = Field(ROOT / "instance", description="Folder for database, files, queue and secret key.")
    secret_key: str | None = Field(
        None,
        repr=False,
        description="Signs the session cookies; at least 32 characters. Local: generated once.",
    )
    master_key: MasterKeys = Field(
        None,
        repr=False,
        description="Encrypts what is kept of patients: 32 random bytes in Base64; after a change the new one, a "
        "comma, and the earlier ones. Local: made once in the instance folder.",
    )
    master_key_file: OptionalPath = Field(
        None, description="File with the master keys in place of `LENTIGO_MASTER_KEY`, a line each, the newest first."
    )
    debug: bool = Field(False, description="Flask's debugger. Never in production.")
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    web_threads: int = Field(4, ge=1, description="Pages that each web process answers at a time.")
    upload_turns: int = Field(1, ge=1, description="Photographs that each web process answers at a time.")
    uploads_waiting: int = Field(
        8,
        ge=0,
        description="Further ones that it receives and lets wait; who comes then is told to come again (503).",
    )
    upload_wait_seconds: int = Field(20, ge=1, description="Longest that one of them may wait, in seconds.")
    live_streams: int = Field(
        8,
        ge=0,
        description="Pages that each web process tells of progress at once, by a further thread each; others ask.",
    )
    session_hours: int = Field(12, ge=1, description="Hours after which a sign-in ends, however much it is used.")
    session_idle_minutes: int = Field(30, ge=1, description="Minutes without anybody at work after which it ends.")
    proof_minutes: int = Field(
        10,
        ge=1,
        description="Minutes for which a password is not asked for again before erasing, exporting and the like.",
    )
    allowed_hosts: Hosts = Field(
        (),
        description="Names under which the site answers, with commas between them, such as `lentigo.clinic.example`; "
        "that of the public address is one. In production there must be one. Local: this machine's, if only it is "
        "listened to, else any.",
    )
    https: bool = Field(
        False,
        description="The site is reached over HTTPS: cookies are Secure, HSTS is sent, plain HTTP is led or refused.",
    )
    hsts_subdomains: bool = Field(True, description="HSTS is for the subdomains of the site's name, too.")
    trusted_proxies: int = Field(
        0, ge=0, description="Reverse proxies in front, each of which sets X-Forwarded-For, -Proto and -Host."
    )
    registration: Literal["open", "invitation", "closed"] = Field(
        "open",
        description="Who may make an account: everybody, whoever is invited by an administrator of a clinic, or "
        "nobody. The first account of an empty site can always be made.",
    )
    mail_url: MailServer = Field(
        None,
        repr=False,
        description="Mail server for messages to account holders: `smtp://` (with STARTTLS) or `smtps://`, then name "
        "and password if it wants them, as in an address, and its own name. Default: none, and nothing is sent; local, "
        "messages are shown at the terminal.",
    )
    mail_from: Mailbox = Field(None, description="E-mail address that messages come from; needed with a mail server.")
    upload_megabytes: int = Field(16, ge=1, description="Largest upload, in MiB.")
    upload_megapixels: int = Field(40, ge=1, description="Largest photograph, in millions of pixels.")
    decoding_seconds: int = Field(
        15,
        ge=1,
        description="Seconds that reading one file from outside may take; a zip file, that nothing may come of it.",
    )
    batch_photographs: int = Field(2000, ge=1, description="Most files in a batch, and in a zip file.")
    batch_megabytes: int = Field(512, ge=1, description="Largest zip file, or set of files sent by one form, in MiB.")
    batch_zip_unpacked_megabytes: int = Field(2048, ge=1, description="Most that a zip file may unpack to, in MiB.")
    batch_zip_ratio: int = Field(50, ge=1, description="Most times its size that a file in a zip file may unpack to.")
    batch_keep_days: int = Field(7, ge=1, description="Days after which files that were not analysed are erased.")
    retention_archived_years: int = Field(0, ge=0, description="Years until archived patients are erased. 0: never.")
    retention_unfiled_days: int = Field(0, ge=0, description="Days until tests of no patient are erased. 0: never.")
    default_model: str = Field("mobilenetv2-ham7", description="The classifier that is used unless one is chosen.")
    weights: AbsolutePath = Field(ROOT / "models" / "weights", description="Folder of the trained classifiers.")
    data: OptionalPath = Field(
        None,
        description="Folder of the photographs that classifiers learned from: shown beside similar cases, if set.",
    )
    sign_in_window_minutes: int = Field(15, ge=1, description="Minutes over which failed sign-ins are counted.")
    sign_in_failures_account: int = Field(5, ge=1, description="Failed sign-ins per account before a pause.")
    sign_in_failures_address: int = Field(30, ge=1, description="Failed sign-ins per address before a pause.")
    second_factor: Literal["optional", "administrators", "required"] = Field(
        "optional",
        description="`required`: whoever has neither authenticator app nor passkey can do nothing but set one up, and "
        "their access tokens nothing at all. `administrators`: so it is for those who manage a clinic.",
    )
    api_requests_per_minute: int = Field(300, ge=1, description="Requests of one access token per minute.")
    clinic_name: str = Field("Lentigo", description="Heading of the reports.")
    clinic_address: str | None = Field(
        None, description="Lines under the clinic's name on reports, with semicolons between them."
    )
    clinic_contact: str | None = Field(
        None,
        description="How patients reach the clinic, such as `Telephone 555 0100, weekdays 8 to 16`: on their page.",
    )
    clinic_logo: Picture = Field(
        None, description="PNG or JPEG file with the clinic's logo for reports, at most 2 MiB."
    )
    public_address: WebAddress = Field(
        None,
        description="Address of the site for those outside, such as `https://lentigo.clinic.example`, printed on "
        "issued reports for their verification. Default: the address that they were issued at.",
    )
    prevalence: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Share of malignant lesions among those photographed at the clinic, such as 0.05, for PPV and NPV. "
        "Default: that of the test photographs.",
    )
    audit_keep_days: int = Field(2190, ge=1, description="Days that `audit prune` leaves of the audit log.")
    audit_anchors: OptionalPath = Field(None, description="File of its ends. Default: in the instance folder.")
    erasures_file: OptionalPath = Field(None, description="List of what was erased. Default: in the instance folder.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What is logged.")

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Settings:
        refuse_unsafe(self)
        return self

    @property
    def hosts(self) -> frozenset[str] | None:
        """Names under which the site answers; None if under any, as on a network that nobody has named yet."""
        public = urlsplit(self.public_address or "").hostname
        named = {*self.allowed_hosts} | ({public} if public else set())
        if self.environment == "production":
            return frozenset(named) or None
        return frozenset(named | LOOPBACK) if named or self.host in LOOPBACK else None

    @property
    def sends_mail(self) -> bool:
        """Whether account holders can be written to: by a mail server, or on somebody's own machine at the terminal."""
        return self.mail_url is not None or self.environment == "local"

    @property
    def migrations(self) -> Path:
        """Folder of the migration scripts."""
        return ROOT / "migrations"

    @property
    def files(self) -> Path:
        """Folder of the stored photographs, unless they are kept elsewhere."""
        return self.instance / "files"

    @property
    def storage(self) -> str:
        """Address of what keeps the photographs."""
        return self.storage_url or self.files.as_uri()

    @property
    def queue(self) -> Path:
        """SQLite file of the job queue."""
        return self.instance / "queue.sqlite3"

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.instance / 'lentigo.sqlite3'}"

    @property
    def master_key_path(self) -> Path:
        """File of the master keys where none are set."""
        return self.instance / "master_key"

    @property
    def master_key_source(self) -> Path | None:
        """File that the master keys are read from; None where they are a setting."""
        return None if self.master_key is not None else self.master_key_file or self.master_key_path

    def signing_key(self) -> str:
        """Return the configured secret key, or the one kept in the instance folder, made at first need."""
        return self.secret_key or kept_secret(self.instance / "secret_key", lambda: secrets.token_urlsafe(48))

    def to_flask(self) -> dict[str, Any]:
        """Return the settings under the names that Flask and its extensions expect."""
        return for_flask(self)


def settings_or_exit() -> Settings:
    """Read the settings; end the program with a sentence for each that can't be used."""
    try:
        return Settings()
    except ValidationError as error:
        raise SystemExit("\n".join(sentence_of(problem) for problem in error.errors())) from None
