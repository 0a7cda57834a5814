"""Many workspaces and tenants at once, for fan-outs: strict limits, counts of what arrived, faults by chance.

Leaner than the fakes of one Slack and one Teams, which check every field: this one counts. A copy carries the id of its
delivery in its text, and in Slack in its metadata, too.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

ID = re.compile(r"[0-9a-f]{32}")


@dataclass
class Faults:
    """The share of requests to which each of these happens; `storm` answers 429 to all, to come again after `wait`."""

    cut_after: float = 0.0
    cut_before: float = 0.0
    error: float = 0.0
    error_after: float = 0.0
    storm: bool = False
    wait: str = "1"


@dataclass
class FakePlatforms:
    """Slack and Teams for every workspace and tenant that is asked for; `scale` makes its seconds shorter."""

    scale: float = 1.0
    limited: bool = True
    history: bool = True
    faults: Faults = field(default_factory=Faults)
    gone: dict[str, str] = field(default_factory=dict)
    """Places that refuse every message, with the reason."""
    dead: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Lanes that refuse everything, with the status and the reason."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """Who is in a place of Teams."""
    arrived: Counter[str] = field(default_factory=Counter)
    edited: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """Answers of 429 by lane, but for those of a storm."""
    failed: int = 0
    """Requests that a fault kept from doing anything."""
    chance: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When each lane's requests were accepted, in seconds."""

    def __post_init__(self) -> None:
        self._messages: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._last: dict[str, deque[float]] = defaultdict(deque)
        self._number = 0

    async def __aenter__(self) -> FakePlatforms:
        app = web.Application()
        app.router.add_post("/slack/api/{method}", self._slack)
        app.router.add_get("/slack/api/{method}", self._slack)
        app.router.add_post("/teams/{tenant}/v3/conversations", self._open)
        app.router.add_get("/teams/{tenant}/v3/conversations/{place}/pagedmembers", self._members)
        app.router.add_route("*", "/teams/{tenant}/v3/conversations/{place}/activities", self._teams)
        app.router.add_route("*", "/teams/{tenant}/v3/conversations/{place}/activities/{activity}", self._teams)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def rate(self, lane: str) -> float:
        """Messages a second that a lane brought, from the first to the last."""
        times = self.times[lane]
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 0.0

    async def _slack(self, request: web.Request) -> web.Response:
        what = await request.json() if request.content_type == "application/json" else await request.post()
        arguments, method = {**request.query, **what}, request.match_info["method"]
        team = request.headers["Authorization"].removeprefix("Bearer xoxb-")
        lane, place = f"slack:{team}", arguments["channel"]
        if method == "conversations.history":
            return self._history(lane, place, arguments)
        task = {"chat.postMessage": "post", "chat.update": "edit", "chat.delete": "delete"}[method]
        if answer := self._before(request, lane, place, 8 if task == "post" else 50 / 60):
            return answer
        if lane in self.dead or place in self.gone:
            reason = self.dead[lane][1] if lane in self.dead else self.gone[place]
            return web.json_response({"ok": False, "error": reason})
        if task == "post":
            ts = self._keep(lane, place, arguments, arguments["metadata"]["event_payload"]["delivery_id"])
        else:
            ts = arguments["ts"]
            self._change(task, lane, place, ts)
        return self._after(request, web.json_response({"ok": True, "channel": place, "ts": ts}))

    async def _teams(self, request: web.Request) -> web.Response:
        body = await request.text()
        lane, place = f"teams:{request.match_info['tenant']}", request.match_info["place"]
        if answer := self._refusal(request, lane, place):
            return answer
        task = {"POST": "post", "PUT": "edit", "DELETE": "delete"}[request.method]
        if task == "post":
            found = ID.search(body)
            ts = self._keep(lane, place, json.loads(body), found[0] if found else "")
        else:
            ts = request.match_info["activity"]
            self._change(task, lane, place, ts)
        return self._after(request, web.json_response({"id": ts}, status=201))

    async def _open(self, request: web.Request) -> web.Response:
        (person,) = (await request.json())["members"]
        lane, chat = f"teams:{request.match_info['tenant']}", f"a:{person['id']}"
        return self._refusal(request, lane, f"open {chat}") or web.json_response({"id": chat}, status=201)

    async def _members(self, request: web.Request) -> web.Response:
        lane, place = f"teams:{request.match_info['tenant']}", request.match_info["place"]
        people = [{"id": person} for person in self.members[place]]
        return self._refusal(request, lane, f"members {place}") or web.json_response({"members": people})

    def _refusal(self, request: web.Request, lane: str, place: str) -> web.Response | None:
        """What Teams says instead of doing something."""
        if answer := self._before(request, lane, place, 50):
            return answer
        status, reason = self.dead.get(lane) or (403, self.gone.get(place, ""))
        if lane in self.dead or place in self.gone:
            return web.json_response({"error": {"code": reason}} if reason else {"message": "Denied."}, status=status)
        return None

    def _before(self, request: web.Request, lane: str, place: str, limit: float) -> web.Response | None:
        """What goes wrong before anything is done."""
        if self.faults.storm:
            self.failed += 1
            after = {"Retry-After": self.faults.wait}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=after)
        if self.chance.random() < self.faults.cut_before:
            return _cut(request)
        if self.chance.random() < self.faults.error:
            self.failed += 1
            return web.Response(status=500)
        now, apart = asyncio.get_running_loop().time(), 1.0 if lane.startswith("slack") else 1 / 7
        often = self._often(f"{lane} {limit}", now, max(limit, 1), max(1, 1 / limit))
        if self.limited and (often or (limit >= 1 and self._often(f"{lane} {place}", now, 1, apart))):
            self.refused[lane] += 1
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        self.times[lane].append(now)
        return None

    def _often(self, key: str, now: float, most: float, window: float) -> bool:
        """Whether this one is more than so many within a window of seconds; if not, it is counted."""
        last = self._last[key]
        while last and last[0] <= now - window * self.scale:
            last.popleft()
        if len(last) >= most:
            return True
        last.append(now)
        return False

    def _after(self, request: web.Request, answer: web.Response) -> web.Response:
        """What goes wrong once everything is done."""
        if self.chance.random() < self.faults.cut_after:
            return _cut(request)
        return web.Response(status=502) if self.chance.random() < self.faults.error_after else answer

    def _keep(self, lane: str, place: str, message: dict[str, Any], delivery: str) -> str:
        self._number += 1
        self.arrived[delivery] += 1
        ts = f"{4_000_000_000 + self._number}.000100"
        self._messages[f"{lane} {place}"].append({**message, "ts": ts, "delivery": delivery})
        return ts

    def _change(self, task: str, lane: str, place: str, ts: str) -> None:
        (found,) = [message for message in self._messages[f"{lane} {place}"] if message["ts"] == ts]
        (self.edited if task == "edit" else self.deleted)[found["delivery"]] += 1

    def _history(self, lane: str, place: str, wanted: dict[str, Any]) -> web.Response:
        if not self.history:
            return web.json_response({"ok": False, "error": "missing_scope"})
        messages = self._messages[f"{lane} {place}"][::-1]
        start = int(wanted.get("cursor") or 0)
        end = start + int(wanted["limit"])
        after = {"response_metadata": {"next_cursor": str(end)}} if end < len(messages) else {}
        return web.json_response({"ok": True, "messages": messages[start:end], **after})


def _cut(request: web.Request) -> web.Response:
    if request.transport:
        request.transport.abort()
    return web.Response()
