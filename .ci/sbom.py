"""Write what a site consists of as CycloneDX 1.6: ``python .ci/sbom.py FILE``.

Python packages as they are pinned, vendored files of the pages and fonts of the reports as their records say, and the
classifiers. But for the time in it, the same source gives the same file.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from pins import ROOT, Pin, licence, pins

VENDOR = ROOT / "static" / "vendor" / "VENDOR.md"
FONTS = ROOT / "static" / "fonts" / "FONTS.md"
WEIGHTS = ROOT / "models" / "weights"
LIBRARY = re.compile(
    r"^## .+? (\d[\w.]*)\n\nLicence: ([^(]+?) \(.*?Package: `([^`]+)`(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)
ROW = re.compile(r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE)
SPDX = {"MIT": "MIT", "SIL Open Font License 1.1": "OFL-1.1"}
licences = LicenseFactory()


def main(target: Path) -> None:
    """Write the file."""
    target.write_text(written(bill()) + "\n")


def bill() -> Bom:
    """Return the bill of materials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    whole = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref=project["name"],
        licenses=[licences.make_from_string(project["license"])],
    )
    bom = Bom(components=[*packages(), *libraries(), *fonts(), *classifiers()])
    bom.metadata.component = whole
    bom.register_dependency(whole, bom.components)
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, repr(sorted(str(part.bom_ref) for part in bom.components)))
    return bom


def written(bom: Bom) -> str:
    """Return a bill as JSON."""
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)


def packages() -> Iterator[Component]:
    """Yield the Python packages of `requirements-server.txt`."""
    for pin in pins(ROOT / "requirements-server.txt"):
        address = PackageURL("pypi", None, pin.name, pin.version)
        marked = [Property(name="python:marker", value=pin.marker)] if pin.marker else []
        hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in pin.hashes]
        yield Component(
            name=pin.name, version=pin.version, type=ComponentType.LIBRARY, purl=address, bom_ref=str(address),
            hashes=hashes, properties=marked, licenses=_licences(pin),
        )  # fmt: skip


def libraries() -> Iterator[Component]:
    """Yield the vendored libraries of the pages, each with its files."""
    for version, named, package, rest in LIBRARY.findall(VENDOR.read_text()):
        scope, _, name = package.rpartition("/")
        address = PackageURL("npm", scope or None, name, version)
        yield Component(
            name=name, group=scope or None, version=version, type=ComponentType.LIBRARY, purl=address,
            bom_ref=str(address), licenses=[licences.make_from_string(SPDX[named])],
            components=[_file(f"static/vendor/{path}", digest) for path, digest in ROW.findall(rest)],
        )  # fmt: skip


def fonts() -> Iterator[Component]:
    """Yield the fonts of the reports."""
    yield from (_file(f"static/fonts/{path}", digest) for path, digest in ROW.findall(FONTS.read_text()))


def classifiers() -> Iterator[Component]:
    """Yield the trained classifiers, each with the files that its card vouches for."""
    for path in sorted([*WEIGHTS.glob("*/card.json"), *WEIGHTS.glob("outline/outline.json")]):
        card = json.loads(path.read_text())
        folder = path.parent.relative_to(ROOT).as_posix()
        yield Component(
            name=path.parent.name, version=card["version"], type=ComponentType.MACHINE_LEARNING_MODEL, bom_ref=folder,
            licenses=[licences.make_with_name(card["licence"])],
            components=[_file(f"{folder}/{name}", digest) for name, digest in sorted(card["files"].items())],
        )  # fmt: skip


def _file(path: str, digest: str) -> Component:
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=digest)]
    return Component(name=path, type=ComponentType.FILE, bom_ref=path, hashes=hashes)


def _licences(pin: Pin) -> list[License]:
    said = licence(pin.name)
    return [licences.make_from_string(said)] if said else []


if __name__ == "__main__":
    main(Path(sys.argv[1]))
