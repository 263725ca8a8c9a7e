"""The objects that issued reports name, for whoever copies them all."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from app.reports.files import key_of
from app.reports.tables import Report, Signature
from app.results.tables import Analysis
from app.storage.named import names_objects

AT_ONCE = 2_000


@names_objects
def reports(connection: Connection) -> Iterator[str]:
    """Yield the keys of the files as they were issued, and as they were signed."""
    issued = select(Analysis.public_id, Report.code, Signature.report_id).join(
        Report, Report.analysis_id == Analysis.id
    )
    rows = issued.outerjoin(Signature, Signature.report_id == Report.id).execution_options(yield_per=AT_ONCE)
    for public_id, code, signed in connection.execute(rows):
        yield key_of(public_id, code, signed=False)
        if signed is not None:
            yield key_of(public_id, code, signed=True)
