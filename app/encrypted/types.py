"""The column types of what is encrypted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, MetaData, Null, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.operators import OperatorType, eq, is_, is_not, ne
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

from app.encrypted.ciphers import ciphers_of
from app.keys import TamperedError

UNREADABLE = "(unreadable)"


class Unreadable(str):
    """Stands in lists for a text that was damaged in the database; it is never written back."""

    __slots__ = ()


class DeclaredJSON(UserDefinedType[str]):
    """What a column is declared as that held JSON before it was encrypted: nothing is done to what it holds."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """Return the name of the type."""
        return "JSON"


class _Encrypted(TypeDecorator[Any]):
    """A value that is encrypted on its way into the database; None stays None.

    `place` is table and column, to which the value is bound: it can't be read in another column. SQLite goes on with
    the type that the column was `declared` with, as it holds nobody to lengths, and another type would copy the table;
    in other databases it is TEXT. In SQL it can be asked for None, and for nothing else.
    """

    impl = Text
    cache_ok = True

    def __init__(self, place: str, declared: TypeEngine[Any] | None = None) -> None:
        super().__init__()
        self.place = place
        self.declared = declared

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return what the database keeps it as."""
        return self.declared if self.declared is not None and dialect.name == "sqlite" else Text()

    class comparator_factory(TypeEngine.Comparator[Any]):  # noqa: N801 - SQLAlchemy's name for it
        """Refuses to compare: two values differ even where the same is encrypted."""

        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> ColumnElement[Any]:
            """Ask for None; TypeError for all else but columns, which SQLAlchemy compares to tell them apart."""
            if op in (is_, is_not, eq, ne) and (other[0] is None or isinstance(other[0], Null | ColumnClause)):
                return super().operate(op, *other, **kwargs)
            raise TypeError(f"{self.expr} is encrypted, and can't be compared or sorted in SQL.")

        def reverse_operate(self, op: OperatorType, other: Any, **kwargs: Any) -> ColumnElement[Any]:  # noqa: ARG002 - SQLAlchemy's names
            """TypeError."""
            raise TypeError(f"{self.expr} is encrypted, and can't be compared or sorted in SQL.")

    def _sealed(self, content: str, dialect: Dialect) -> str:
        return ciphers_of(dialect).seal(content.encode(), self.place.encode())

    def _unsealed(self, value: str, dialect: Dialect) -> str:
        return ciphers_of(dialect).unseal(value, self.place.encode()).decode()


class EncryptedText(_Encrypted):
    """An encrypted text; where it is `listed`, one that was damaged reads as UNREADABLE, so that the list can be read.

    Elsewhere reading it raises TamperedError.
    """

    cache_ok = True

    def __init__(self, place: str, length: int | None = None, *, listed: bool = False) -> None:
        super().__init__(place, None if length is None else String(length))
        self.length = length
        self.listed = listed

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt; ValueError for what only stands in for a text, or could not be read again."""
        if value is None:
            return None
        if isinstance(value, Unreadable) or "\0" in value:
            raise ValueError(f"{self.place} can't be written: it was unreadable, or has a NUL in it")
        return self._sealed(value, dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str | None]:  # noqa: ARG002 - SQLAlchemy's names
        """Return what decrypts: one function, for a search of notes calls it for thousands of them."""
        unseal, place, listed = ciphers_of(dialect).unseal, self.place.encode(), self.listed

        def decrypted(value: Any) -> str | None:
            if value is None:
                return None
            try:
                return unseal(value, place).decode()
            except TamperedError:
                if not listed:
                    raise
                return Unreadable(UNREADABLE)

        return decrypted


class EncryptedJSON(_Encrypted):
    """Something of lists, texts and numbers, encrypted as JSON."""

    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__(place, DeclaredJSON())

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Encrypt what JSON can hold."""
        return None if value is None else self._sealed(json.dumps(value, separators=(",", ":")), dialect)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Decrypt."""
        return None if value is None else json.loads(self._unsealed(value, dialect))


def required(text: str) -> str:
    """Return a text that must be the true one, as in reports; TamperedError if it was damaged."""
    if isinstance(text, Unreadable):
        raise TamperedError
    return text


def declared_types(metadata: MetaData) -> dict[str, _Encrypted]:
    """Return the encrypted columns of all tables by their places."""
    columns = (column for table in metadata.sorted_tables for column in table.columns)
    return {f"{each.table.name}.{each.name}": each.type for each in columns if isinstance(each.type, _Encrypted)}
