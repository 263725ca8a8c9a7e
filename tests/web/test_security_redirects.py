from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.security.redirects import local_address, own_page

HOME = "https://lentigo.example"

FOREIGN = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example/previous_tests",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    "evil.example",
    "@evil.example",
    ":80/previous_tests",
    "?next=//evil.example",
    "#fragment",
    " /previous_tests",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "/\x00/evil.example",
    "/previous_tests\x7f",
    "/%2f/evil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:%20a=b",
    "/previous_tests//evil.example",
    "/\u2028/evil.example",
    "/\uff0fevil.example",
    "/\N{ZERO WIDTH SPACE}/evil.example",
    "/" + "a" * 5000,
    "",
    None,
]

LOCAL = [
    "/",
    "/previous_tests",
    "/results/3YlI4AaU",
    "/previous_tests?q=M%C3%BCller&sort=date",
    "/a?to=https://b",
]


@pytest.mark.parametrize("target", FOREIGN)
def test_it_refuses_what_could_lead_elsewhere(target):
    assert local_address(target) is None


@pytest.mark.parametrize("target", LOCAL)
def test_it_keeps_what_stays_here(target):
    assert local_address(target) == target


SUSPICIOUS = st.text(alphabet="/\\:@?#%.aehst25cf09\t\n\r \x00\u2028\uff0f", max_size=30)


@given(SUSPICIOUS | st.text(max_size=40) | SUSPICIOUS.map(lambda text: "/" + quote(text)))
def test_whatever_it_keeps_leads_to_this_site(target):
    kept = local_address(target)

    if kept is not None:
        arrived = urlsplit(urljoin(HOME + "/login", _as_browsers_read(kept)))
        assert (arrived.scheme, arrived.netloc) == ("https", "lentigo.example")
        assert kept == target


@given(SUSPICIOUS.map(lambda text: "/" + quote(text, safe="/?")))
def test_whatever_it_keeps_stays_even_if_a_proxy_decodes_it(target):
    from urllib.parse import unquote

    kept = local_address(target)

    if kept is not None:
        for _ in range(3):
            kept = unquote(kept)
            arrived = urlsplit(urljoin(HOME + "/login", _as_browsers_read(kept).partition("?")[0]))
            assert arrived.netloc == "lentigo.example"


def test_only_pages_that_there_are_count(app):
    with app.test_request_context():
        assert own_page("/previous_tests?q=a") == "/previous_tests?q=a"
        assert own_page("/no_such_page") is None
        assert own_page("/static/css/lentigo.css") is None
        assert own_page("/logout") is None  # a page that can't be asked for with GET
        assert own_page("//evil.example") is None


def _as_browsers_read(address):
    """Browsers drop tabs and line ends, and take a backslash for a slash."""
    return address.translate({9: None, 10: None, 13: None, 92: "/"}).strip("".join(map(chr, range(33))))
