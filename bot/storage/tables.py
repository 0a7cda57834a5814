"""Every table of the ledger: made so in a new database, and by the migrations in an old one."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, on SQLite too, which knows no time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The moment in UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The moment with its zone."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


metadata = sa.MetaData()

people = sa.Table(
    "people",
    metadata,
    sa.Column("platform", sa.String(20), primary_key=True),
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("person", sa.String(200), primary_key=True),
    sa.Column("region", sa.String(60), nullable=False),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("platform", sa.String(20), nullable=False),
    sa.Column("tenant", sa.String(200), nullable=False),
    sa.Column("place", sa.String(200), nullable=False),
    sa.Column("thread", sa.String(200), nullable=False),
    sa.Column("ref", sa.String(200), nullable=False),
    sa.Column("subject", sa.String(400), nullable=False),
    sa.Column("content_version", sa.String(20), nullable=False),
    sa.Column("language", sa.String(20), nullable=False, server_default=""),
    sa.Column("digest", sa.String(20), nullable=False, server_default=""),
    sa.Column("number", sa.String(20), nullable=False, server_default=""),
    sa.Column("posted_at", Moment, nullable=False),
    sa.Index("receipts_by_place", "platform", "tenant", "place", "subject", "posted_at"),
    sa.Index("receipts_by_age", "posted_at"),
)

keys = sa.Table(
    "keys",
    metadata,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
)

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("platform", sa.String(20), primary_key=True),
    sa.Column("tenant", sa.String(200), primary_key=True),
    sa.Column("place", sa.String(200), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("service", sa.String(400), nullable=False),
)

announcements = sa.Table(
    "announcements",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(150), nullable=False),
    sa.Column("version", sa.String(20), nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("by", sa.String(420), nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("zone", sa.String(60), nullable=False),
    sa.Column("report_to", sa.String(420), nullable=False, server_default=""),
    sa.Index("announcements_by_name", "name", "made_at"),
)

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("lane", sa.String(220), primary_key=True),
    sa.Column("epoch", sa.Integer, nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("announcement", sa.String(32), sa.ForeignKey("announcements.id"), nullable=False),
    sa.Column("name", sa.String(150), nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("draft", sa.String(420), nullable=False, server_default=""),
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
    sa.Column("not_before", Moment),
    sa.Column("claim", sa.String(32), nullable=False, server_default=""),
    sa.Column("claimed_at", Moment),
    sa.Column("done_at", Moment),
    sa.Column("ref", sa.String(200), nullable=False),
    sa.Column("error", sa.String(200), nullable=False),
    sa.UniqueConstraint("name", "round", "draft", "platform", "tenant", "place", name="deliveries_once"),
    sa.Index("deliveries_due", "lane", "state", "task", "not_before", "position"),
    sa.Index("deliveries_of", "announcement", "state"),
    sa.Index("deliveries_in_place", "place", "kind"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("by", sa.String(420), nullable=False),
    sa.Column("act", sa.String(40), nullable=False),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("detail", sa.String(400), nullable=False),
)

APPEND_ONLY = {
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
"""What keeps the audit as it was written, on each database."""


@sa.event.listens_for(audit, "after_create")
def _protect(_: sa.Table, connection: sa.Connection, **_options: object) -> None:
    for statement in APPEND_ONLY[connection.dialect.name]:
        connection.exec_driver_sql(statement)


revisions = sa.Table(
    "alembic_version",
    sa.MetaData(),  # no table of the ledger: Alembic keeps it
    sa.Column("version_num", sa.String(32)),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Which migration the tables are from: https://alembic.sqlalchemy.org/en/latest/tutorial.html"""
