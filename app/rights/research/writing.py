"""Write an export for research, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from app.auth.tables import User
from app.clock import now
from app.errors import AppError, StorageUnavailableError
from app.results.files import stored
from app.results.tables import Analysis
from app.results.verdicts.blind import concealed
from app.rights.archive import Archive
from app.rights.research.pseudonyms import Pseudonyms
from app.rights.research.readme import readme
from app.rights.research.rows import DICTIONARY, Subject, cell_of, row_of
from app.rights.research.selectors import cells_of, pages_of
from app.spreadsheet import Cell as Field
from app.spreadsheet import csv_file
from app.storage import Storage

Page = Sequence[tuple[Analysis, Subject, bool]]


def research_export(session: Session, storage: Storage, *, user: User, fewest: int) -> Iterator[bytes]:
    """Return a zip file with the tests of those who agreed, piece by piece.

    Left out are groups of fewer than `fewest` patients of one age band, sex and site. The key of the pseudonyms lives
    as long as this does.
    """
    return _Export(session, storage, user, fewest).written()


class _Export:
    """One export in the making."""

    def __init__(self, session: Session, storage: Storage, user: User, fewest: int) -> None:
        self._session, self._storage, self._user = session, storage, user
        self._pseudonyms = Pseudonyms()
        self._fewest = fewest
        self._cells = cells_of(session, user)

    def written(self) -> Iterator[bytes]:
        """Yield the archive."""
        archive = Archive(now())
        kept = [count for count in self._cells.values() if count >= self._fewest]
        yield from archive.add("README.txt", readme(min(kept, default=0), self._fewest).encode())
        meanings = [("column", "meaning"), *DICTIONARY.items()]
        yield from archive.add("dictionary.csv", csv_file(meanings))
        yield from archive.add("tests.csv", csv_file(self._rows()))
        for name, content in self._photographs():
            yield from archive.add(name, content)
        yield from archive.closed()

    def _pages(self) -> Iterator[Page]:
        """Yield the tests that fall into no group which is too small."""
        for page in pages_of(self._session, self._user):
            yield [row for row in page if self._cells.get(cell_of(row[0], row[1]), 0) >= self._fewest]

    def _rows(self) -> Iterator[Sequence[Field]]:
        yield tuple(DICTIONARY)
        for page in self._pages():
            for analysis, subject, included in page:
                hidden = concealed(self._user, analysis)
                yield row_of(analysis, subject, self._pseudonyms, hidden=hidden, included=included)

    def _photographs(self) -> Iterator[tuple[str, bytes]]:
        for page in self._pages():
            for analysis, _, included in page:
                if not included:
                    continue
                try:
                    photograph = stored(self._storage, analysis.photograph_key)
                except StorageUnavailableError:  # broken off: an archive that lacks them would pass for a whole one
                    raise
                except AppError:  # erased meanwhile, or missing: the storage has logged it
                    continue
                yield f"photographs/{self._pseudonyms.of('test', analysis.public_id)}.png", photograph
