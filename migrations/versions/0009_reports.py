"""Issued reports, their signatures, and what is left of those that are erased.

Revision: 0009, after 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("reports", "report_signatures", "erased_reports")
FUNCTIONS = ("refuse_to_change_a_report", "leave_a_trace_of_a_report")
REFUSAL = "an issued report never changes"
TRACE = """
    INSERT INTO erased_reports (code, issued_at, signed_at, erased_at, pdf_sha256, signed_pdf_sha256)
    VALUES (
        OLD.code, OLD.issued_at, (SELECT signed_at FROM report_signatures WHERE report_id = OLD.id),
        CURRENT_TIMESTAMP, OLD.pdf_sha256, (SELECT pdf_sha256 FROM report_signatures WHERE report_id = OLD.id)
    );
"""


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("analysis_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("issued_by", sa.String(120), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("photograph_sha256", sa.String(64), nullable=False),
        sa.Column("classifier", sa.String(120), nullable=False),
        sa.Column("preprocessing", sa.String(120), nullable=True),
        sa.Column("network_sha256", sa.String(64), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["analysis_id"], ["analyses.id"], name="fk_reports_analysis_id_analyses", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("code", name="uq_reports_code"),
        sa.UniqueConstraint("analysis_id", "kind", "version", name="uq_reports_analysis_id"),
    )
    op.create_table(
        "report_signatures",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("signed_by", sa.String(120), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name="fk_report_signatures_report_id_reports", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", name="pk_report_signatures"),
    )
    op.create_table(
        "erased_reports",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf_sha256", sa.String(64), nullable=False),
        sa.Column("signed_pdf_sha256", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_erased_reports"),
    )
    _guard(op.get_context().dialect.name)


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER reports_erased ON reports")  # else the rows that go now would leave a trace
        for table in TABLES:
            op.execute(f"DROP TRIGGER {table}_sealed ON {table}")
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
    for table in ("report_signatures", "reports", "erased_reports"):
        op.drop_table(table)


def _guard(dialect: str) -> None:
    # a later migration that copies one of these tables has to make its triggers again
    if dialect == "sqlite":
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_sealed BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        op.execute(f"CREATE TRIGGER reports_erased BEFORE DELETE ON reports BEGIN {TRACE} END")
    if dialect == "postgresql":
        _guard_postgresql()


def _guard_postgresql() -> None:
    refuse, trace = FUNCTIONS
    op.execute(
        f"CREATE FUNCTION {refuse}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(f"CREATE FUNCTION {trace}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {TRACE} RETURN OLD; END $$")
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_sealed BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {refuse}()"
        )
    op.execute(f"CREATE TRIGGER reports_erased BEFORE DELETE ON reports FOR EACH ROW EXECUTE FUNCTION {trace}()")
