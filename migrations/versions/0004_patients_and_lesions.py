"""Patients and lesions: whoever is named by earlier analyses becomes a patient, and has them.

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# in SQL, so that a database can be changed by hand: 32 characters, 122 random bits or more
RANDOM_ID = {
    "sqlite": "lower(hex(randomblob(16)))",
    "postgresql": "replace(CAST(gen_random_uuid() AS text), '-', '')",
}
PATIENTS = """
    INSERT INTO patients (public_id, owner_id, name, name_key, sex, created_at)
    SELECT {random_id}, newest.owner_id, newest.patient_name, newest.patient_key, known.sex, oldest.created_at
    FROM (
        SELECT MIN(id) AS oldest_id, MAX(id) AS newest_id, CASE WHEN MIN(sex) = MAX(sex) THEN MIN(sex) END AS sex
        FROM analyses GROUP BY owner_id, patient_key
    ) AS known
    JOIN analyses AS newest ON newest.id = known.newest_id
    JOIN analyses AS oldest ON oldest.id = known.oldest_id
"""
ATTACHED = """
    UPDATE analyses SET patient_id = (
        SELECT patients.id FROM patients
        WHERE patients.owner_id = analyses.owner_id AND patients.name_key = analyses.patient_key
    )
"""


def upgrade() -> None:
    op.create_table(
        "patients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_key", sa.String(240), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("sex", sa.String(16), nullable=True),
        sa.Column("skin_type", sa.Integer(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name="fk_patients_owner_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_patients"),
        sa.UniqueConstraint("public_id", name="uq_patients_public_id"),
    )
    op.create_index("ix_patients_owner_name", "patients", ["owner_id", "name_key", "id"])
    op.create_table(
        "lesions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("site", sa.String(32), nullable=True),
        sa.Column("side", sa.String(5), nullable=True),
        sa.Column("x", sa.Double(), nullable=True),
        sa.Column("y", sa.Double(), nullable=True),
        sa.Column("first_noticed", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patients.id"], name="fk_lesions_patient_id_patients", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lesions"),
        sa.UniqueConstraint("public_id", name="uq_lesions_public_id"),
    )
    op.create_index("ix_lesions_patient", "lesions", ["patient_id", "id"])
    _add_reference("patient_id", "patients")
    _add_reference("lesion_id", "lesions")
    op.execute(sa.text(PATIENTS.format(random_id=RANDOM_ID[op.get_context().dialect.name])))
    op.execute(sa.text(ATTACHED))
    op.create_index("ix_analyses_patient", "analyses", ["patient_id", "created_at", "id"])
    op.create_index("ix_analyses_lesion", "analyses", ["lesion_id", "created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_analyses_lesion", table_name="analyses")
    op.drop_index("ix_analyses_patient", table_name="analyses")
    op.drop_column("analyses", "lesion_id")
    op.drop_column("analyses", "patient_id")
    op.drop_table("lesions")
    op.drop_table("patients")


def _add_reference(column: str, table: str) -> None:
    # in the column itself on SQLite, which adds no constraint to a table that is there
    key = sa.ForeignKey(f"{table}.id", name=f"fk_analyses_{column}_{table}")
    inline = op.get_context().dialect.name == "sqlite"
    op.add_column("analyses", sa.Column(column, sa.Integer(), key, nullable=True), inline_references=inline)
