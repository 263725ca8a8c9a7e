"""Build the image of `Dockerfile` without an engine, on a fresh Debian in place of its base, and run containers of it.

What is not known here of Dockerfiles ends the proof instead of being passed over.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from machines import enter, layer

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = re.compile(r"\$\{(\w+)\}|\$(\w+)")


@dataclass
class Image:
    """A root folder, and with what a container of it starts."""

    root: Path
    environment: dict[str, str] = field(
        default_factory=lambda: {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
    )
    folder: str = "/"
    user: str = "0:0"
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def container(
        self, command: Sequence[str], *options: str, say: dict[str, str], entrypoint: bool = True
    ) -> list[str]:
        """Return the command that starts a container as compose.yaml wants them: no privileges, nothing to write to."""
        strict = (
            "--read-only",
            "--drop-capability=all",
            "--no-new-privileges=yes",
            "--kill-signal=SIGTERM",
            "--tmpfs=/tmp:mode=1777,size=256m,noexec,nosuid,nodev",
            f"--chdir={self.folder}",
            f"--user={self._account()}",
        )
        started = [*(self.entrypoint if entrypoint else []), *(command or self.command)]
        return enter(self.root, started, *strict, *options, say={**self.environment, **say})

    def _account(self) -> str:
        number = self.user.partition(":")[0]
        accounts = (line.split(":") for line in (self.root / "etc/passwd").read_text().splitlines())
        return next(account[0] for account in accounts if account[2] == number)


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the instructions of a Dockerfile, each with what it says."""
    whole = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    for line in filter(None, map(str.strip, whole.splitlines())):
        name, _, said = line.partition(" ")
        yield name.upper(), said.strip()


def is_ignored(path: str, rules: Sequence[str]) -> bool:
    """Tell whether .dockerignore leaves a path out: the last rule that names it, or a folder above it, counts."""
    ignored = False
    for rule in rules:
        pattern = rule.removeprefix("!").strip("/")
        parts = re.split(r"(\*\*/|\*)", pattern)
        regex = "".join({"**/": "(?:.*/)?", "*": "[^/]*"}.get(part, _literal(part)) for part in parts)
        if re.fullmatch(f"{regex}(?:/.*)?", path):
            ignored = not rule.startswith("!")
    return ignored


def _literal(part: str) -> str:
    """Escape all of a rule but its classes, such as [co]."""
    return re.sub(r"\\\[(.+?)\\\]", r"[\1]", re.escape(part))


def rules() -> list[str]:
    """Return the rules of .dockerignore."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@contextmanager
def built(base: Path, folder: Path) -> Iterator[Image]:
    """Build all stages; the value is the last of them."""
    stages: dict[str, Image] = {}
    told: dict[str, str] = {}
    with ExitStack() as layers:
        image = Image(base)
        for number, (name, said) in enumerate(instructions((ROOT / "Dockerfile").read_text())):
            if name == "FROM":
                words = _filled(said, told).split()
                image = Image(layers.enter_context(layer(base, folder / str(number))))
                stages[words[2] if len(words) > 1 else ""] = image
            elif name == "ARG":
                key, _, value = said.partition("=")
                told[key] = value
            else:
                follow(image, name, said, told, stages)
        yield image


def follow(image: Image, name: str, said: str, told: dict[str, str], stages: dict[str, Image]) -> None:
    """Do what one instruction of a stage says."""
    doing: dict[str, Callable[[], object]] = {
        "RUN": lambda: _run(image, said),
        "COPY": lambda: _copy(image, shlex.split(said), stages),
        "ENV": lambda: image.environment.update(_pairs(_filled(said, image.environment))),
        "WORKDIR": lambda: _work_in(image, said),
        "USER": lambda: setattr(image, "user", said),
        "ENTRYPOINT": lambda: setattr(image, "entrypoint", json.loads(said)),
        "CMD": lambda: setattr(image, "command", json.loads(said)),
        "HEALTHCHECK": lambda: setattr(image, "health", json.loads(said.partition("CMD ")[2])),
        **dict.fromkeys(("LABEL", "VOLUME", "EXPOSE", "STOPSIGNAL"), lambda: _filled(said, told)),
    }
    assert name in doing, f"{name} is not known here: teach .ci/image.py what it means"
    doing[name]()


def _run(image: Image, said: str) -> None:
    outside = {key: value for key, value in os.environ.items() if key in {"PIP_CERT", "PIP_DEFAULT_TIMEOUT"}}
    script = ["/bin/sh", "-ec", f"cd {shlex.quote(image.folder)}; {said}"]
    done = subprocess.run(
        enter(image.root, script, say={**image.environment, **outside}),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"RUN {said}\n{done.stdout}"


def _pairs(said: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in shlex.split(said))
    return {key: value for key, _, value in pairs}


def _work_in(image: Image, folder: str) -> None:
    image.folder = folder
    (image.root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)


def _copy(image: Image, words: list[str], stages: dict[str, Image]) -> None:
    source = next((word.partition("=")[2] for word in words if word.startswith("--from=")), None)
    *paths, target = [word for word in words if not word.startswith("--")]
    place = image.root / os.path.normpath(f"{image.folder}/{target}" if target[0] != "/" else target).lstrip("/")
    for path in paths:
        origin = ROOT / path if source is None else stages[source].root / path.lstrip("/")
        into = place / origin.name if target.endswith("/") else place
        into.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            ignore = _left_out if source is None else None
            shutil.copytree(origin, into, symlinks=True, ignore=ignore, dirs_exist_ok=True)
        else:
            assert source is not None or not is_ignored(path, rules()), f"{path} is left out by .dockerignore"
            shutil.copy2(origin, into)


def _left_out(folder: str, names: list[str]) -> set[str]:
    within = Path(folder).relative_to(ROOT).as_posix()
    return {name for name in names if is_ignored(f"{within}/{name}", rules())}


def _filled(text: str, values: dict[str, str]) -> str:
    return REFERENCE.sub(lambda found: values[found[1] or found[2]], text)
