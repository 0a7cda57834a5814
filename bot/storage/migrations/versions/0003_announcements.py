"""Announcements, where each of their copies goes and how far it is, who owns a lane, and who did what."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEEPS_ITS_ROWS = {
    "sqlite": tuple(
        f"CREATE TRIGGER audit_no_{act} BEFORE {act} ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        for act in ("update", "delete")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_keeps_its_rows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$",
        "CREATE TRIGGER audit_keeps_its_rows BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_keeps_its_rows()",
    ),
}


def upgrade() -> None:
    """Makes the tables; the one of who did what refuses every change of a row."""
    op.create_table(
        "announcements",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("version", sa.String(20), nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("by", sa.String(420), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
    )
    op.create_index("announcements_by_name", "announcements", ["name", "made_at"])
    op.create_table(
        "lanes",
        sa.Column("lane", sa.String(220), primary_key=True),
        sa.Column("epoch", sa.Integer, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("announcement", sa.String(32), sa.ForeignKey("announcements.id"), nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("lane", sa.String(220), sa.ForeignKey("lanes.lane"), nullable=False),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("tenant", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("task", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("error", sa.String(200), nullable=False),
        sa.UniqueConstraint("name", "round", "platform", "tenant", "place", name="deliveries_once"),
    )
    op.create_index("deliveries_due", "deliveries", ["lane", "state", "not_before", "position"])
    op.create_index("deliveries_of", "deliveries", ["announcement", "state"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(420), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", sa.String(400), nullable=False),
    )
    for statement in KEEPS_ITS_ROWS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Drops the tables."""
    for table in ("audit", "deliveries", "lanes", "announcements"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_keeps_its_rows()")
