"""Walk through a running site as a clinician's browser would, over HTTP, and check what it answers."""

from __future__ import annotations

import io
import re
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import httpx
from PIL import Image
from pypdf import PdfReader

PASSWORD = "a long walk by the lake"  # noqa: S105 - of an account that lives a minute
RESULT = re.compile(r"/results/([A-Za-z0-9_-]{22})")


@dataclass(frozen=True)
class Photograph:
    """A file to upload, and the patient it is said to be of."""

    name: str
    content: bytes
    patient: str


class Clinician:
    """A person with a browser: keeps cookies, sends back what forms hide."""

    def __init__(self, address: str, way: httpx.BaseTransport | None = None) -> None:
        headers = {"Accept-Language": "en", "Referer": f"{address}/"}  # which a page over HTTPS must say of its forms
        self.browser = httpx.Client(base_url=address, timeout=60, headers=headers, transport=way)
        self.email = f"walk{time.time_ns()}@clinic.example"

    def register(self) -> None:
        """Make an account."""
        person = {"name": "Ingrid Sørensen", "email": self.email, "password": PASSWORD, "confirm": PASSWORD}
        assert self.send("/register", person).status_code == 303

    def sign_out(self) -> None:
        """Sign out, and see that the pages are closed."""
        assert self.send("/logout", {}, form="/index").status_code == 303
        closed = self.browser.get("/previous_tests")
        assert (closed.status_code, "/login" in closed.headers["location"]) == (302, True)

    def sign_in(self) -> None:
        """Sign in, and see that the pages are open."""
        assert self.send("/login", {"email": self.email, "password": PASSWORD}).status_code == 303
        assert self.page("/index")

    def upload(self, photograph: Photograph) -> str:
        """Upload a photograph and return the address of its result."""
        details = {"patient_name": photograph.patient, "age": "54", "sex": "female", "body_site": "back"}
        response = self.send("/prediction", details, files={"image": (photograph.name, photograph.content)})
        assert response.status_code == 303, response.text
        return httpx.URL(response.headers["location"]).path

    def send(self, address: str, fields: dict[str, str], form: str | None = None, **more: object) -> httpx.Response:
        """Send a form with everything that its page holds hidden."""
        hidden = Hidden.of(self.page(form or address))
        return self.browser.post(address, data={**hidden, **fields}, **more)  # type: ignore[arg-type]  # httpx judges them

    def page(self, address: str) -> str:
        """Return a page that must be there."""
        response = self.browser.get(address)
        assert response.status_code == 200, f"{address}: {response.status_code} {response.headers.get('location')}"
        return response.text

    def file(self, address: str, kind: str) -> bytes:
        """Return a file that must be there and be of a kind."""
        response = self.browser.get(address)
        assert (response.status_code, response.headers["content-type"]) == (200, kind), address
        return response.content


class Hidden(HTMLParser):
    """Collects the hidden fields of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a hidden field."""
        field = dict(attrs)
        if tag == "input" and field.get("type") == "hidden" and field.get("name"):
            self.fields[str(field["name"])] = field.get("value") or ""

    @classmethod
    def of(cls, html: str) -> dict[str, str]:
        """Return the hidden fields of a page."""
        parser = cls()
        parser.feed(html)
        return parser.fields


class ToThisMachine(httpx.HTTPTransport):
    """Looks for a site here, whatever its name is, and believes the certificates of one authority."""

    def __init__(self, authority: Path) -> None:
        super().__init__(verify=ssl.create_default_context(cafile=str(authority)), retries=0)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to this machine under the name that it was meant for."""
        here, extensions = request.url.copy_with(host="127.0.0.1"), {"sni_hostname": request.url.host}
        sent = httpx.Request(
            request.method,
            here,
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions | extensions,
        )
        return super().handle_request(sent)


def walk(address: str, photographs: Iterable[Photograph], way: httpx.BaseTransport | None = None) -> Clinician:
    """Go the whole way with each photograph; AssertionError where it is barred. Who walked is signed in at the end."""
    clinician = Clinician(address, way)
    clinician.register()
    clinician.sign_out()
    clinician.sign_in()
    results = [_see(clinician, photograph) for photograph in photographs]
    for result in results:
        assert clinician.send(f"{result}/delete", {}, form=result).status_code == 303
        assert clinician.browser.get(result).status_code == 404
    assert not RESULT.search(clinician.page("/previous_tests"))
    return clinician


def _see(clinician: Clinician, photograph: Photograph) -> str:
    started = time.monotonic()
    result = clinician.upload(photograph)
    seconds = time.monotonic() - started
    assert photograph.patient in clinician.page(result)
    _check_picture(clinician.file(f"{result}/image", "image/png"), Image.open(io.BytesIO(photograph.content)).size)
    _check_picture(clinician.file(f"{result}/heatmap.png", "image/png"))
    _check_picture(clinician.file(f"{result}/thumbnail.jpg", "image/jpeg"))
    _check_report(clinician.file(f"{result}/report.pdf", "application/pdf"), photograph.patient)
    found = clinician.browser.get("/previous_tests", params={"patient": photograph.patient})
    assert result in found.text
    nobody = clinician.browser.get("/previous_tests", params={"patient": "nobody of that name"})
    assert result not in nobody.text
    print(f"{photograph.name}: answered in {seconds:.2f} s")
    return result


def _check_picture(content: bytes, size: tuple[int, int] | None = None) -> None:
    with Image.open(io.BytesIO(content)) as picture:
        picture.load()
        assert size is None or picture.size == size


def _check_report(content: bytes, patient: str) -> None:
    assert content.startswith(b"%PDF")
    pages = PdfReader(io.BytesIO(content)).pages
    assert 1 <= len(pages) <= 2
    assert patient in " ".join(page.extract_text() for page in pages)
