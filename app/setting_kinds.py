"""The kinds of values that settings have, and the sentences that refuse others."""

from __future__ import annotations

import base64
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import ErrorDetails
from pydantic_settings import NoDecode

MEGABYTE = 1024 * 1024
LARGEST_LOGO = 2 * MEGABYTE
SHORTEST_TOKEN = 16
MASTER_KEY_BYTES = 32
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _none_if_empty(value: object) -> object:
    """Take an empty variable for one that is not set, not for the folder that the program starts in."""
    return value or None


def _require_picture(path: Path | None) -> Path | None:
    """Refuse a file that reports can't show: the start is the time to say so."""
    if path is None:
        return None
    from PIL import Image  # noqa: PLC0415 - only for those who have a logo

    try:
        if path.stat().st_size > LARGEST_LOGO:
            raise ValueError(f"{path} is larger than 2 MiB")
        with Image.open(path, formats=("PNG", "JPEG")) as picture:
            picture.load()
    except (OSError, SyntaxError) as error:
        raise ValueError(f"{path} can't be read as a PNG or JPEG picture") from error
    return path


def _require_web_address(address: str | None) -> str | None:
    """Refuse what no browser would open: it is printed on reports, and stays there."""
    if address is not None and not re.fullmatch(r"https?://[!-~]+", address):
        raise ValueError("it must begin with http:// or https://, and have no blanks")
    return address


def _require_safe_server(address: str | None) -> str | None:
    """Refuse an address to which records would travel readable by others, or that holds a secret."""
    if address is None:
        return None
    parts = urlsplit(_require_web_address(address) or "")
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError("it must be the address of a server and a path, with neither a name, a query nor a fragment")
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError("it must begin with https:// unless the server runs on this machine")
    return address.rstrip("/")


def _require_store(address: str | None) -> str | None:
    """Refuse an address at which no object store can be, or that holds a secret, which would be seen in logs."""
    if address is None:
        return None
    parts = urlsplit(_require_web_address(address) or "")
    if not parts.hostname or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("it must be the address of a server alone, with neither a name, a path nor a query")
    return address.rstrip("/")


def require_storage(address: str | None) -> str | None:
    """Refuse what is no address of a storage, and one for which a package is missing."""
    if address is None:
        return None
    if re.fullmatch(r"file:///[^?#]+", address):
        return address
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_-]+)*/?", address):
        raise ValueError("it must be s3://bucket or s3://bucket/prefix, or file:// and a folder's absolute path")
    if find_spec("boto3") is None:
        raise ValueError("for an object store a package is needed: pip install boto3")
    return address


def _split(names: object) -> object:
    """Read several names from one variable, with commas between them."""
    return tuple(name.strip().lower() for name in names.split(",") if name.strip()) if isinstance(names, str) else names


def _require_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what no Host header can name, such as an address or a pattern."""
    for host in hosts:
        if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*|[0-9a-f]*:[0-9a-f:.]+", host):
            raise ValueError(f"{host} is not the name of a host: neither https:// nor a port nor * belongs to it")
    return hosts


def _require_mail_server(address: str | None) -> str | None:
    """Refuse what is no address of a mail server."""
    if address is None:
        return None
    parts = urlsplit(address)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("it must be smtp:// or smtps:// with the name of a mail server")
    return address


def _require_database(address: str | None) -> str | None:
    """Refuse what no database of ours is, and what can't be reached without a package that is not there."""
    scheme = urlsplit(address or "sqlite://").scheme
    if scheme == "postgresql+psycopg":
        _require_package(PSYCOPG)
    elif scheme not in {"sqlite", "sqlite+pysqlite"}:
        raise ValueError("it must be sqlite:// or postgresql+psycopg://")
    return address


def _require_queue_server(address: str | None) -> str | None:
    """Refuse what no queue can lie on, and what can't be reached without a package that is not there."""
    if address is None:
        return None
    parts = urlsplit(address)
    package = QUEUE_PACKAGES.get(parts.scheme)
    if package is None or not (parts.hostname or parts.query):
        raise ValueError("it must be redis://, rediss:// or postgresql+psycopg:// with the name of a server")
    _require_package(package)
    return address


def _require_package(package: Package) -> None:
    """Refuse an address that can't be reached: the start is the time to say so."""
    if find_spec(package.module) is None:
        raise ValueError(f'it needs a package that is not installed: `pip install "{package.name}"`')


def _require_mailbox(address: str | None) -> str | None:
    """Refuse what no mail can come from."""
    if address is not None and not re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", address):
        raise ValueError("it must be an e-mail address, such as lentigo@clinic.example")
    return address


def _require_token(token: str | None) -> str | None:
    """Refuse what can't stand in a header."""
    if token is not None and not re.fullmatch(r"[!-~]+", token):
        raise ValueError("it must have no blanks, and nothing but ASCII characters")
    return token


def _require_long(token: str | None) -> str | None:
    """Refuse what could be guessed."""
    if token is not None and len(token) < SHORTEST_TOKEN:
        raise ValueError(f"it must have at least {SHORTEST_TOKEN} characters: `openssl rand -hex 24` makes one")
    return token


def _require_ae_title(title: str) -> str:
    """Refuse what can't be an application entity title (DICOM PS3.5, 6.2)."""
    if not re.fullmatch(r"[!-\[\]-~](?:[ -\[\]-~]{0,14}[!-\[\]-~])?", title):
        raise ValueError("it must have 1 to 16 ASCII characters, without a backslash")
    return title


def read_master_keys(text: str) -> tuple[bytes, ...]:
    """Return the keys of a text, which has blanks, lines or commas between them; ValueError if there is none."""
    keys = tuple(_master_key(written) for written in re.split(r"[\s,]+", text) if written)
    if not keys:
        raise ValueError("there is no master key in it: `openssl rand -base64 32` makes one")
    return keys


def _master_key(written: str) -> bytes:
    try:
        key = base64.b64decode(written.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError as error:
        raise ValueError("a master key must be written in Base64") from error
    if len(key) != MASTER_KEY_BYTES:
        raise ValueError(f"a master key must have {MASTER_KEY_BYTES} bytes, and this one has {len(key)}")
    return key


def _require_master_keys(text: str | None) -> str | None:
    """Refuse what can't be used to encrypt, before anything is kept."""
    if text is not None:
        read_master_keys(text)
    return text


class Package(NamedTuple):
    """What an address needs to be reached: what is imported, and the name by which that is installed."""

    module: str
    name: str


REDIS, PSYCOPG = Package("redis", "redis"), Package("psycopg", "psycopg[binary]")
QUEUE_PACKAGES = {"redis": REDIS, "rediss": REDIS, "postgresql+psycopg": PSYCOPG}

NotEmpty = BeforeValidator(_none_if_empty)
AbsolutePath = Annotated[Path, AfterValidator(Path.absolute)]  # a relative one starts where the program does
OptionalPath = Annotated[AbsolutePath | None, NotEmpty]
OptionalText = Annotated[str | None, NotEmpty]
Picture = Annotated[AbsolutePath | None, NotEmpty, AfterValidator(_require_picture)]
WebAddress = Annotated[str | None, NotEmpty, AfterValidator(_require_web_address)]
MailServer = Annotated[str | None, NotEmpty, AfterValidator(_require_mail_server)]
DatabaseServer = Annotated[str | None, NotEmpty, AfterValidator(_require_database)]
QueueServer = Annotated[str | None, NotEmpty, AfterValidator(_require_queue_server)]
Mailbox = Annotated[str | None, NotEmpty, AfterValidator(_require_mailbox)]
SafeServer = Annotated[str | None, NotEmpty, AfterValidator(_require_safe_server)]
ObjectStore = Annotated[str | None, NotEmpty, AfterValidator(_require_store)]
StorageAddress = Annotated[str | None, NotEmpty, AfterValidator(require_storage)]
Hosts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_require_hosts)]
Token = Annotated[str | None, NotEmpty, AfterValidator(_require_token)]
LongToken = Annotated[Token, AfterValidator(_require_long)]
AeTitle = Annotated[str, AfterValidator(_require_ae_title)]
MasterKeys = Annotated[str | None, NotEmpty, AfterValidator(_require_master_keys)]


def sentence_of(problem: ErrorDetails) -> str:
    """Say which setting can't be used, and why."""
    reason = problem.get("ctx", {}).get("error", problem["msg"])
    return f"LENTIGO_{str(problem['loc'][0]).upper()}: {reason}." if problem["loc"] else str(reason)
