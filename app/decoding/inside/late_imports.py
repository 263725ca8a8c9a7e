"""Make an import that comes too late heard: a confined process opens no file, and would take it for a damaged one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class LateImportError(BaseException):
    """A module that should have been loaded before the process was confined; no `except Exception` hides it."""


class _Finder:
    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Find nothing, loudly."""
        raise LateImportError(name)


def refuse_late_imports() -> None:
    """Let nothing be imported from now on but what is loaded."""
    sys.meta_path[:] = [_Finder()]
