"""PostgreSQL for tests: a database of their own, and a line to it that breaks at the moment of a COMMIT."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Literal
from uuid import uuid4

import psycopg
import sqlalchemy as sa

Moment = Literal["before", "after", "meanwhile"]
"""When a line breaks: before the COMMIT arrives, before its answer does, or while the COMMIT is on its way."""

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
"""A COMMIT as a message: https://www.postgresql.org/docs/current/protocol-message-formats.html."""


@asynccontextmanager
async def new_database(server: str) -> AsyncIterator[str]:
    """The address of an empty database on the server at an address, which is dropped afterwards."""
    name = f"optout_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
        try:
            yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class BreakingLine:
    """Passes on what is said to a database and what it answers; `url` is its address at this end of the line.

    `breaks` says for each COMMIT in turn when the line breaks, or None where it holds. With "meanwhile" the COMMIT
    arrives after the line broke, and not before `arriving` is set.
    """

    def __init__(self, url: str) -> None:
        self._far = psycopg.conninfo.conninfo_to_dict(url)
        self._url = sa.make_url(url)
        self.breaks: Iterator[Moment | None] = iter(())
        self.broken = 0
        self.arriving = asyncio.Event()
        self.arriving.set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> BreakingLine:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        plain = {"sslmode": "disable", "gssencmode": "disable"}
        near = self._url.set(host="127.0.0.1", port=port, query=plain)
        self.url = near.render_as_string(hide_password=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._connect(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = str(self._far.get("host") or "127.0.0.1"), int(self._far.get("port") or 5432)
        there = asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}") if host.startswith("/") else None
        server, to_server = await (there or asyncio.open_connection(host, port))
        answering = asyncio.create_task(_pass_on(server, writer))
        try:
            to_server.write(await _message(reader, kind=0))
            while True:
                message = await _message(reader)
                moment = next(self.breaks, None) if message == COMMIT else None
                if moment:
                    await self._break(moment, answering, writer, server, to_server)
                    return
                to_server.write(message)
                await to_server.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            answering.cancel()
            writer.transport.abort()
            to_server.close()

    async def _break(
        self,
        moment: Moment,
        answering: asyncio.Task[None],
        writer: asyncio.StreamWriter,
        server: asyncio.StreamReader,
        to_server: asyncio.StreamWriter,
    ) -> None:
        self.broken += 1
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
        if moment == "meanwhile":
            writer.transport.abort()
            await self.arriving.wait()
        if moment != "before":
            to_server.write(COMMIT)
            await server.readexactly(1)  # it is answered once it was carried out


async def _message(reader: asyncio.StreamReader, kind: int = 1) -> bytes:
    """A message: a byte for its kind, which the first of a connection has not, its length, and the rest of it."""
    head = await reader.readexactly(kind + 4)
    return head + await reader.readexactly(int.from_bytes(head[kind:]) - 4)


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while answer := await reader.read(65536):
        writer.write(answer)
        await writer.drain()
    writer.close()
