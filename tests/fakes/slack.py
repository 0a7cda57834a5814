"""A small Slack for tests: a strict Web API, response addresses and Socket Mode over real sockets on this machine.

It remembers everything that is said, refuses what Slack would refuse, fails when it is told to, and delivers events,
commands and presses to a bot the way Slack does.
"""

import asyncio
import json
import ssl
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.block_kit import problems, view_problems
from tests.fakes.slack_deliveries import BOT, Deliveries, Hook

TEAM, BOT_ID = "T1", "B1"


@dataclass(frozen=True)
class Method:
    """A method of the Web API: the scope it needs and the arguments it knows."""

    scope: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    json: bool = True


POSTED = ("text", "blocks", "thread_ts")
METHODS = {
    "auth.test": Method("", optional=("team_id",)),
    "apps.connections.open": Method("connections:write"),
    "assistant.threads.setSuggestedPrompts": Method("assistant:write", ("channel_id", "prompts"), ("title",)),
    "chat.delete": Method("chat:write", ("channel", "ts")),
    "chat.getPermalink": Method("", ("channel", "message_ts"), json=False),
    "chat.postEphemeral": Method("chat:write", ("channel", "user"), POSTED),
    "chat.postMessage": Method(
        "chat:write", ("channel",), (*POSTED, "unfurl_links", "unfurl_media", "metadata", "reply_broadcast", "team_id")
    ),
    "chat.update": Method("chat:write", ("channel", "ts"), ("text", "blocks", "metadata")),
    "conversations.history": Method(
        "im:history",
        ("channel",),
        ("oldest", "latest", "limit", "include_all_metadata", "inclusive", "cursor"),
        json=False,
    ),
    "conversations.info": Method("channels:read", ("channel",), json=False),
    "conversations.members": Method("channels:read", ("channel",), ("limit", "cursor"), json=False),
    "conversations.open": Method("im:write", ("users",), json=False),
    "conversations.replies": Method(
        "im:history", ("channel", "ts"), ("oldest", "latest", "limit", "include_all_metadata", "inclusive"), json=False
    ),
    "usergroups.users.list": Method("usergroups:read", ("usergroup",), json=False),
    "users.info": Method("users:read", ("user",), json=False),
    "views.open": Method("", ("trigger_id", "view")),
    "views.update": Method("", ("view_id", "view"), ("hash",)),
}
BY_CHANNEL = ("conversations.history", "conversations.replies", "conversations.info", "conversations.members")
"""Methods whose scope depends on what sort of conversation they are about."""
RESPONSE_FIELDS = {
    *POSTED, "response_type", "replace_original", "delete_original", "unfurl_links", "unfurl_media", "metadata"
}  # fmt: skip


@dataclass
class Channel:
    """A conversation: who is in it, what was said, and what was shown to single people."""

    members: set[str]
    messages: list[dict[str, Any]] = field(default_factory=list)
    whispers: list[dict[str, Any]] = field(default_factory=list)
    unseen: list[dict[str, Any]] = field(default_factory=list)
    """Private messages in threads without a reply: Slack takes them and shows them to nobody."""
    private: bool = False
    archived: bool = False
    read_only: bool = False


def scopes_of(name: str) -> set[str]:
    """The scopes that a method may need."""
    scope = METHODS[name].scope
    return (
        {f"{kind}:{scope.partition(':')[2]}" for kind in ("channels", "groups", "im")}
        if name in BY_CHANNEL
        else {scope}
    )


class SlackError(Exception):
    """Slack's `ok: false`."""


class FakeSlack(Deliveries):
    """One workspace with one app; `async with FakeSlack() as slack` starts and stops it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.token, self.app_token, self.secret = "xoxb-1-fake", "xapp-1-fake", "8f742231b10e8888abcd99yyyzzz85a5"
        self.scopes = {"app_mentions:read", "assistant:write", "chat:write", "commands", "im:history"}
        self.channels = {
            "C1": Channel({"U1", "U2", BOT}),
            "C2": Channel({"U1", "U2"}),
            "D1": Channel({"U1", BOT}),
            "D2": Channel({"U2", BOT}),
            "D9": Channel({"U1", "U2"}),
        }
        self.users: dict[str, dict[str, Any]] = {
            "U1": {"tz": "Europe/Berlin"},
            "U2": {"tz": "America/New_York"},
            BOT: {"is_bot": True},
        }
        self.usergroups: dict[str, list[str]] = {}
        self.hooks: dict[str, Hook] = {}
        self.views: dict[str, dict[str, Any]] = {}
        self.entered: dict[str, dict[str, Any]] = {}
        """What is chosen and written in each window, by block and then by element."""
        self.triggers: dict[str, str] = {}
        """What opens a window, and for whom; or why it does not any more."""
        self.changing = asyncio.Lock()
        self.page = 100
        self.sockets: list[web.WebSocketResponse] = []
        self.acknowledged: dict[str, Any] = {}
        self._last = 1764000100

    # -- starting and stopping

    def routes(self, app: web.Application) -> None:
        """The Web API, response addresses and Socket Mode."""
        app.router.add_route("*", "/api/{method}", self._on_method)
        app.router.add_post("/hooks/{id}", self._on_hook)
        app.router.add_get("/socket", self._on_socket)

    async def __aexit__(self, *details: object) -> None:
        await self._hang_up()
        await super().__aexit__(*details)

    async def go_away(self) -> None:
        """Stops answering: every line is cut and no new one accepted."""
        await super().go_away()
        await self._hang_up()

    async def _hang_up(self) -> None:
        for socket in self.sockets:
            await socket.close()

    @property
    def api_url(self) -> str:
        """What a bot's SLACK_API_URL has to be."""
        return f"{self.origin}/api/"

    # -- what was said

    def said(self, channel: str) -> list[dict[str, Any]]:
        """What the bot said in a channel for everyone in it."""
        return [message for message in self.channels[channel].messages if message["user"] == BOT]

    def whispered(self, channel: str) -> list[dict[str, Any]]:
        """What the bot showed to single people in a channel."""
        return self.channels[channel].whispers

    # -- the Web API

    async def _on_method(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        if name == "views.update":  # one change of a window after the other: the answer to a submission comes first
            async with self.changing:
                return await self._answer(name, request, _arguments, lambda what: self._run(name, request, what))
        return await self._answer(name, request, _arguments, lambda what: self._run(name, request, what))

    async def _on_hook(self, request: web.Request) -> web.StreamResponse:
        return await self._answer("response_url", request, web.Request.json, lambda what: self._respond(request, what))

    def refusal(self, code: str) -> web.Response:
        """An error of Slack's."""
        return web.json_response({"ok": False, "error": code})

    def _run(self, name: str, request: web.Request, arguments: dict[str, Any]) -> web.Response:
        try:
            self._check(name, request, arguments)
            answer = getattr(self, "_" + name.replace(".", "_").lower())(**arguments)
            body = {"ok": True, **answer}
        except SlackError as error:
            body = {"ok": False, "error": str(error)}
        return web.json_response(body, headers={"x-oauth-scopes": ",".join(sorted(self.scopes))})

    def _check(self, name: str, request: web.Request, arguments: dict[str, Any]) -> None:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method")
        token = self.app_token if name == "apps.connections.open" else self.token
        if request.headers.get("Authorization") != f"Bearer {token}":
            raise SlackError("invalid_auth")
        if self._scope(name, method, arguments) not in ("", "connections:write", *self.scopes):
            raise SlackError("missing_scope")
        if request.content_type == "application/json" and not method.json:
            raise SlackError("invalid_arguments")
        known = {*method.required, *method.optional}
        if set(method.required) - set(arguments) or set(arguments) - known:
            raise SlackError("invalid_arguments")

    def _scope(self, name: str, method: Method, arguments: dict[str, Any]) -> str:
        """The scope that a call needs, which depends on what sort of conversation it is about."""
        if name not in BY_CHANNEL:
            return method.scope
        channel = str(arguments.get("channel"))
        private = channel in self.channels and self.channels[channel].private
        kind = "im" if channel.startswith("D") else "groups" if private else "channels"
        return f"{kind}:{method.scope.partition(':')[2]}"

    def _auth_test(self, **_: str) -> dict[str, Any]:
        return {"url": "https://acme.slack.com/", "team": "Acme", "team_id": TEAM, "user": "optout"} | {
            "user_id": BOT, "bot_id": BOT_ID
        }  # fmt: skip

    def _apps_connections_open(self) -> dict[str, Any]:
        return {"url": self.origin.replace("http", "ws") + "/socket"}

    def _assistant_threads_setsuggestedprompts(self, channel_id: str, prompts: list[dict]) -> dict[str, Any]:
        self._channel(channel_id)
        if not 0 < len(prompts) <= 4 or any(set(prompt) != {"title", "message"} for prompt in prompts):
            raise SlackError("invalid_arguments")
        return {}

    def _chat_postmessage(self, channel: str, **message: Any) -> dict[str, Any]:
        if channel.startswith(("U", "W")):
            channel = self._direct(channel)
        kept = self._keep(channel, {**message, "user": BOT, "bot_id": BOT_ID})
        return {"channel": channel, "ts": kept["ts"], "message": kept}

    def _chat_postephemeral(self, channel: str, user: str, **message: Any) -> dict[str, Any]:
        found = self._channel(channel)
        if user not in found.members:
            raise SlackError("user_not_in_channel")
        return {"message_ts": self._whisper(channel, user, message)["ts"]}

    def _chat_delete(self, channel: str, ts: str) -> dict[str, Any]:
        self._channel(channel).messages.remove(self._own(channel, ts))
        return {"channel": channel, "ts": ts}

    def _chat_update(self, channel: str, ts: str, **message: Any) -> dict[str, Any]:
        _check_message(message)
        self._own(channel, ts).update(message)
        return {"channel": channel, "ts": ts}

    def _chat_getpermalink(self, channel: str, message_ts: str) -> dict[str, Any]:
        self._message(channel, message_ts)
        return {"permalink": f"https://acme.slack.com/archives/{channel}/p{message_ts.replace('.', '')}"}

    def _conversations_history(self, channel: str, cursor: str = "", **wanted: str) -> dict[str, Any]:
        tops = [m for m in self._channel(channel).messages if m.get("thread_ts", m["ts"]) == m["ts"]]
        return {"messages": _window(tops, wanted)[::-1]}

    def _conversations_info(self, channel: str) -> dict[str, Any]:
        found = self.channels.get(channel)
        if not found or (found.private and BOT not in found.members):
            raise SlackError("channel_not_found")
        told = {"is_archived": found.archived, "is_member": BOT in found.members, "is_read_only": found.read_only}
        return {"channel": {"id": channel, **told}}

    def _conversations_members(self, channel: str, limit: str = "100", cursor: str = "") -> dict[str, Any]:
        if channel not in self.channels:
            raise SlackError("channel_not_found")
        if not 0 < int(limit) <= 1000:
            raise SlackError("invalid_limit")
        start, people = int(cursor or 0), sorted(self.channels[channel].members)
        end = start + min(int(limit), self.page)
        after = str(end) if end < len(people) else ""
        return {"members": people[start:end], "response_metadata": {"next_cursor": after}}

    def _conversations_open(self, users: str) -> dict[str, Any]:
        return {"channel": {"id": self._direct(users)}}

    def _direct(self, user: str) -> str:
        """The direct message with somebody."""
        known = self.users.get(user, {})
        if user not in self.users or known.get("is_bot") or known.get("deleted"):
            code = "cannot_dm_bot" if known.get("is_bot") else "user_disabled" if known.get("deleted") else ""
            raise SlackError(code or "user_not_found")
        return next(name for name, one in self.channels.items() if name.startswith("D") and one.members == {user, BOT})

    def _usergroups_users_list(self, usergroup: str) -> dict[str, Any]:
        if usergroup not in self.usergroups:
            raise SlackError("no_such_subteam")
        return {"users": self.usergroups[usergroup]}

    def _users_info(self, user: str) -> dict[str, Any]:
        if user not in self.users:
            raise SlackError("user_not_found")
        return {"user": {"id": user, "team_id": TEAM, "deleted": False, "is_bot": False, **self.users[user]}}

    def _views_open(self, trigger_id: str, view: dict[str, Any]) -> dict[str, Any]:
        user = self.triggers.get(trigger_id, "invalid_trigger_id")
        if user.endswith("_trigger_id"):
            raise SlackError(user)
        self.triggers[trigger_id] = "exchanged_trigger_id"
        return {"view": self.put_up(f"V{next(self._numbers)}", view, user)}

    def _views_update(self, view_id: str, view: dict[str, Any], hash: str = "") -> dict[str, Any]:  # noqa: A002
        if view_id not in self.views:
            raise SlackError("not_found")
        if hash and hash != self.views[view_id]["hash"]:
            raise SlackError("hash_conflict")
        return {"view": self.put_up(view_id, view, self.views[view_id]["user"])}

    def put_up(self, view_id: str, view: dict[str, Any], user: str) -> dict[str, Any]:
        """Shows a window; what is filled in stays where the fields are the same."""
        if found := view_problems(view):
            raise SlackError("invalid_arguments: " + "; ".join(found))
        before = self.entered.get(view_id, {})
        fields = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
        self.entered[view_id] = {
            name: {element["action_id"]: before.get(name, {}).get(element["action_id"]) or _initial(element)}
            for name, element in fields.items()
        }
        kept = {**view, "id": view_id, "root_view_id": view_id, "hash": str(next(self._numbers))}
        self.views[view_id] = {**kept, "user": user}
        return kept

    def _conversations_replies(self, channel: str, ts: str, **wanted: str) -> dict[str, Any]:
        parent = self._message(channel, ts)
        replies = [m for m in self._channel(channel).messages if m.get("thread_ts") == ts and m is not parent]
        return {"messages": [parent, *_window(replies, wanted)]}

    # -- response addresses

    def _respond(self, request: web.Request, body: dict[str, Any]) -> web.Response:
        hook = self.hooks.get(request.match_info["id"])
        if hook is None:
            return web.Response(status=404, text="no_such_hook")
        hook.uses += 1
        if hook.uses > 5 or hook.age > 1800:
            return web.Response(status=404, text="used_url" if hook.uses > 5 else "expired_url")
        if set(body) - RESPONSE_FIELDS:
            return web.Response(status=400, text="invalid_payload")
        try:
            self._through(hook, body)
        except SlackError as error:
            return web.Response(status=400, text=str(error))
        return web.Response(text="ok")

    def _through(self, hook: Hook, body: dict[str, Any]) -> None:
        message = {key: value for key, value in body.items() if key not in ("response_type", "replace_original")}
        if body.get("delete_original"):
            if hook.source:
                self._take_away(hook.channel, hook.source)
        elif body.get("replace_original") and hook.source:
            hook.source.update(message)
        elif body.get("response_type") == "in_channel":
            self._keep(hook.channel, {**message, "user": BOT, "bot_id": BOT_ID}, member=False)
        else:
            self._whisper(hook.channel, hook.user, message)

    def _take_away(self, channel: str, message: dict[str, Any]) -> None:
        for kept in (self.channels[channel].messages, self.channels[channel].whispers):
            kept[:] = [each for each in kept if each["ts"] != message["ts"]]

    # -- Socket Mode

    async def _on_socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets)})
        await self._tell()
        async for frame in socket:
            answer = json.loads(frame.data)
            self.acknowledged[answer["envelope_id"]] = answer.get("payload", {})
            await self._tell()
        self.sockets.remove(socket)
        await self._tell()
        return socket

    # -- what is kept

    def _keep(self, channel: str, message: dict[str, Any], member: bool = True) -> dict[str, Any]:
        found = self._channel(channel) if member else self.channels[channel]
        if member and (found.archived or found.read_only):
            raise SlackError("is_archived" if found.archived else "restricted_action")
        _check_message(message)
        if "thread_ts" in message:
            self._message(channel, message["thread_ts"])
        kept = {**message, "channel": channel, "ts": self._ts()}
        found.messages.append(kept)
        return kept

    def _whisper(self, channel: str, user: str, message: dict[str, Any]) -> dict[str, Any]:
        _check_message(message)
        kept = {**message, "channel": channel, "to": user, "ts": self._ts(), "is_ephemeral": True}
        thread, found = message.get("thread_ts"), self.channels[channel]
        active = any(each.get("thread_ts") == thread for each in found.messages)
        (found.whispers if not thread or active else found.unseen).append(kept)
        return kept

    def _channel(self, name: str) -> Channel:
        if name not in self.channels or (name.startswith("D") and BOT not in self.channels[name].members):
            raise SlackError("channel_not_found")
        if BOT not in self.channels[name].members:
            raise SlackError("not_in_channel")
        return self.channels[name]

    def _message(self, channel: str, ts: str) -> dict[str, Any]:
        for message in self.channels[channel].messages:
            if message["ts"] == ts:
                return message
        raise SlackError("message_not_found")

    def _own(self, channel: str, ts: str) -> dict[str, Any]:
        self._channel(channel)
        message = self._message(channel, ts)
        if message["user"] != BOT:
            raise SlackError("cant_delete_message")
        return message

    def _ts(self) -> str:
        self._last += 1
        return f"{self._last}.000100"


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return await request.json()
    return {**request.query, **(await request.post())}


def _initial(element: dict[str, Any]) -> dict[str, Any]:
    """What a field holds before anybody touches it."""
    kind = element["type"]
    empty = {
        "plain_text_input": {"value": element.get("initial_value")},
        "static_select": {"selected_option": element.get("initial_option")},
        "multi_static_select": {"selected_options": []},
        "checkboxes": {"selected_options": []},
        "multi_users_select": {"selected_users": []},
        "multi_conversations_select": {"selected_conversations": []},
        "datepicker": {"selected_date": element.get("initial_date")},
        "timepicker": {"selected_time": element.get("initial_time")},
    }
    return {"type": kind, **empty[kind]}


def _check_message(message: dict[str, Any]) -> None:
    if not message.get("text") and not message.get("blocks"):
        raise SlackError("no_text")
    if len(message.get("text", "")) > 40_000:
        raise SlackError("msg_too_long")
    if found := problems(message.get("blocks", [])):
        raise SlackError("invalid_blocks: " + "; ".join(found))
    metadata = message.get("metadata", {"event_type": "", "event_payload": {}})
    if set(metadata) != {"event_type", "event_payload"} or not isinstance(metadata["event_payload"], dict):
        raise SlackError("invalid_metadata_format")


def _window(messages: list[dict[str, Any]], wanted: dict[str, str]) -> list[dict[str, Any]]:
    oldest, limit = float(wanted.get("oldest") or 0), int(wanted.get("limit", 100))
    hidden = set() if wanted.get("include_all_metadata") in ("1", "true") else {"metadata"}
    newer = [message for message in messages if float(message["ts"]) > oldest][:limit]
    return [{key: value for key, value in message.items() if key not in hidden} for message in newer]
