import hashlib
import re

from config import ROOT

VENDOR = ROOT / "static" / "vendor"
ROW = re.compile(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_every_vendored_file_has_the_recorded_hash():
    recorded = dict(ROW.findall((VENDOR / "VENDOR.md").read_text()))

    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.md"
    }

    assert found == recorded


def test_every_vendored_library_comes_with_its_licence():
    libraries = [path for path in VENDOR.iterdir() if path.is_dir()]

    assert libraries
    assert all((library / "LICENSE").is_file() for library in libraries)
