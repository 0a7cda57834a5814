"""By what a post for everyone is known to the button that takes it back: a number of its own, and the key of seals."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the number, empty for what is there already, and the table of keys, whose key the bot makes by itself."""
    op.add_column("receipts", sa.Column("number", sa.String(20), nullable=False, server_default=""))
    op.create_table(
        "keys",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("value", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Drops them."""
    op.drop_table("keys")
    with op.batch_alter_table("receipts") as batch:
        batch.drop_column("number")
