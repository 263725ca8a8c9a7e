"""The shape of the source: what starts without what, who reads the environment, how long a module is."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT

HEAVY = {"numpy", "tensorflow", "keras", "ai_edge_litert", "scipy", "sklearn", "matplotlib", "openvino", "onnxruntime"}
LONGEST_MODULE = 250
SOURCES = sorted(
    path
    for folder in (ROOT / "app", ROOT / "models")
    for path in folder.rglob("*.py")
)  # fmt: skip
TOP = [ROOT / "config.py", ROOT / "wsgi.py"]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def nodes(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(path.read_text()))


def loaded_by(statement: str, tmp_path: Path) -> set[str]:
    """Run a statement in a fresh process and return the heavy packages that it loaded."""
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted({HEAVY!r} & set(sys.modules))))"
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"LENTIGO_INSTANCE": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "statement",
    [
        "import app.factory",
        "from app.factory import create_app; create_app()",
        "import wsgi",
        "from app.factory import create_app; create_app().test_client().get('/healthz')",
        "from app.factory import create_app; create_app().test_client().get('/readyz')",
        "from app.factory import create_app; create_app().test_client().get('/login')",
    ],
)
def test_the_web_process_starts_without_numpy_and_tensorflow(statement: str, tmp_path: Path) -> None:
    assert loaded_by(statement, tmp_path) == set()


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        named(path)
        for path in SOURCES
        for node in nodes(path)
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"} and not of_request(node))
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and {"environ", "getenv"} & names(node))
    }

    assert readers == set()


def of_request(node: ast.Attribute) -> bool:
    """Tell WSGI's surroundings of a request from those of the process."""
    return isinstance(node.value, ast.Name) and node.value.id == "request"


def names(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def test_nothing_in_app_imports_what_computes() -> None:
    found = {
        named(path)
        for path in SOURCES
        if path.is_relative_to(ROOT / "app")
        for module in imported(path)
        if module.split(".")[0] in HEAVY
    }

    assert found == set()


def test_only_the_door_imports_the_classifiers() -> None:
    found = {
        named(path)
        for path in SOURCES
        if path.is_relative_to(ROOT / "app")
        for module in imported(path)
        if module.split(".")[0] == "models"
    }

    others = {path for path in found if not path.startswith("app/decoding/inside/")}  # which makes photographs upright
    assert others <= {"app/inference.py"}


def imported(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


@pytest.mark.parametrize("path", [*SOURCES, *TOP], ids=named)
def test_a_module_says_what_it_is_for_and_is_short(path: Path) -> None:
    text = path.read_text()

    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert len(text.splitlines()) <= LONGEST_MODULE


AROUND_THE_VIEWS = {  # before and after them
    "app/api/callers.py",
    "app/api/idempotency/repeating.py",
    "app/audit/recording.py",
    "app/auth/admission.py",
    "app/auth/presence.py",
    "app/auth/proof.py",
}


def test_only_views_jobs_and_commands_commit() -> None:
    committers = {
        named(path)
        for path in SOURCES
        if path.is_relative_to(ROOT / "app")
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }

    others = {path for path in committers if Path(path).stem not in {"views", "jobs", "cli"}}
    assert others == AROUND_THE_VIEWS


def test_no_file_is_written_by_pickle() -> None:
    users = {named(path) for path in SOURCES for module in imported(path) if module.split(".")[0] in PICKLES}

    assert users == set()


PICKLES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "joblib"}


# what these open was written here, from pixels, or lies in a folder that the administrator has named
OWN_PICTURES = {
    "app/interop/dicom/pictures.py", "app/patients/lesions/light.py", "app/results/outlines/services.py",
    "app/results/report/pictures.py", "app/setting_kinds.py",
}  # fmt: skip


def test_pictures_from_outside_are_opened_by_processes_of_their_own_and_all_by_the_formats_expected() -> None:
    opened = [
        (named(path), node)
        for path in SOURCES
        if path.is_relative_to(ROOT / "app")
        for node in nodes(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Image.open"
    ]

    assert all("formats" in {word.arg for word in node.keywords} for _, node in opened)
    assert {path for path, _ in opened if not path.startswith("app/decoding/inside/")} == OWN_PICTURES
