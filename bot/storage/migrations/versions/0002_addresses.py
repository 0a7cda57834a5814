"""Addresses: where the bot may write without having been asked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "addresses",
        sa.Column("platform", sa.String(20), primary_key=True),
        sa.Column("tenant", sa.String(200), primary_key=True),
        sa.Column("place", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("service", sa.String(400), nullable=False),
    )


def downgrade() -> None:
    """Drops the table."""
    op.drop_table("addresses")
