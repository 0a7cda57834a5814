"""People's remembered regions and the receipts of posts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the two tables."""
    op.create_table(
        "people",
        sa.Column("platform", sa.String(20), primary_key=True),
        sa.Column("tenant", sa.String(200), primary_key=True),
        sa.Column("person", sa.String(200), primary_key=True),
        sa.Column("region", sa.String(60), nullable=False),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("platform", sa.String(20), nullable=False),
        sa.Column("tenant", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("thread", sa.String(200), nullable=False),
        sa.Column("ref", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(400), nullable=False),
        sa.Column("content_version", sa.String(20), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("receipts_by_place", "receipts", ["platform", "tenant", "place", "subject", "posted_at"])
    op.create_index("receipts_by_age", "receipts", ["posted_at"])


def downgrade() -> None:
    """Drops the two tables."""
    op.drop_table("receipts")
    op.drop_table("people")
