"""With which claim a copy was taken in hand, so that a claim can be repeated whose answer was lost."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column, empty for what is there already, on its way or not."""
    op.add_column("deliveries", sa.Column("claim", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    """Drops it."""
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_column("claim")
