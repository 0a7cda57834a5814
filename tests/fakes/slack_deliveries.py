"""What Slack delivers to a bot: events, commands and presses, signed over HTTP or through a socket."""

import asyncio
import hashlib
import hmac
import json
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from tests.fakes.drawn import objects
from tests.fakes.service import FakeService, Reply

SAMPLES = Path(__file__).parents[1] / "samples" / "slack"
BOT = "UBOT"

ONE = "[\u2600-\u27bf\U0001f300-\U0001f3fa\U0001f400-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?"
EMOJI = re.compile(f"[\U0001f1e6-\U0001f1ff]{{2}}|{ONE}(?:\u200d{ONE})*")
NAMES = {"🙏": "pray", "🤔": "thinking_face", "👋": "wave", "🙂": "slightly_smiling_face", "❤": "heart"}
"""What Slack calls some emoji; in tests any other is called what Unicode calls it."""


def delivered(text: str) -> str:
    """What somebody typed as Slack delivers it: no emoji arrives as a character, each is a code."""
    return EMOJI.sub(lambda found: _code(found[0]), text)


def _code(emoji: str) -> str:
    """An emoji as Slack names it; a flag by its letters, and skin tones, from two on, after the rest."""
    shown, tones = [], ""
    for letter in emoji:
        if "\U0001f1e6" <= letter <= "\U0001f1ff":
            shown = [(shown or ["flag-"])[0] + chr(ord(letter) - 0x1F1E6 + ord("a"))]
        elif "\U0001f3fb" <= letter <= "\U0001f3ff":
            tones += f":skin-tone-{ord(letter) - 0x1F3FB + 2}:"
        elif letter not in "\u200d\ufe0f":
            shown.append(NAMES.get(letter) or unicodedata.name(letter).lower().replace(" ", "_"))
    return f":{'-'.join(shown)}:{tones}"


@dataclass
class Hook:
    """A response address: what it belongs to and how often it was used."""

    channel: str
    user: str
    source: dict[str, Any] | None
    age: float = 0.0
    uses: int = 0


def sample(name: str) -> dict[str, Any]:
    """A recorded event, command or press."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


class Deliveries(FakeService):
    """The half of a fake Slack that speaks first."""

    secret: str
    late = False
    """Whether what people do reaches the bot too late to open a window."""
    channels: dict[str, Any]
    hooks: dict[str, Hook]
    sockets: list[web.WebSocketResponse]
    acknowledged: dict[str, Any]
    views: dict[str, dict[str, Any]]
    entered: dict[str, dict[str, Any]]
    triggers: dict[str, str]
    changing: asyncio.Lock
    put_up: Callable[[str, dict[str, Any], str], dict[str, Any]]
    _ts: Callable[[], str]

    async def event(self, body: dict[str, Any]) -> Reply:
        """Delivers an event, over Socket Mode if the bot is connected."""
        if self.sockets:
            return await self._envelope("events_api", body)
        return await self.post(json.dumps(body), {"Content-Type": "application/json"})

    async def write(self, text: str, channel: str = "D1", user: str = "U1", thread: str = "") -> dict[str, Any]:
        """Somebody writes a direct message; gives the event that was delivered."""
        return await self._write("message_im", text, channel, user, thread)

    async def mention(self, text: str, channel: str = "C1", user: str = "U1", thread: str = "") -> dict[str, Any]:
        """Somebody mentions the bot; gives the event that was delivered."""
        return await self._write("app_mention", f"<@{BOT}> {text}", channel, user, thread)

    async def command(self, text: str, channel: str = "C1", user: str = "U1", **changed: str) -> Reply:
        """Somebody uses `/optout`."""
        hook = self.hook(channel, user, None)
        body = {
            **sample("command"),
            "text": delivered(text),
            "channel_id": channel,
            "user_id": user,
            "response_url": hook,
        }
        body |= {"trigger_id": self._trigger(user), **changed}
        if self.sockets:
            return await self._envelope("slash_commands", body)
        return await self.post(urlencode(body), {"Content-Type": "application/x-www-form-urlencoded"})

    async def press(self, label: str, message: dict[str, Any], user: str = "U1", **changed: Any) -> Reply:
        """Somebody presses the button, or chooses the line of a menu, with this label under a message."""
        body = {**self.pressed(label, message, user), **changed}
        return await self._interact(body)

    async def send_press(self, value: str, message: dict[str, Any], user: str = "U1", team: str = "T1") -> Reply:
        """Somebody's client sends a press of a button with whatever value it says, on whatever message it says."""
        body = self._pressed({"type": "button", "action_id": "press:0", "value": value}, message, user)
        body["team"]["id"] = body["user"]["team_id"] = team
        return await self._interact(body)

    def pressed(self, label: str, message: dict[str, Any], user: str = "U1") -> dict[str, Any]:
        """The payload of a press."""
        return self._pressed(_element(message["blocks"], label), message, user)

    def _pressed(self, element: dict[str, Any], message: dict[str, Any], user: str) -> dict[str, Any]:
        body, channel, whisper = sample("block_actions"), message["channel"], message.get("is_ephemeral", False)
        body["user"]["id"], body["channel"]["id"] = user, channel
        body["trigger_id"] = self._trigger(user)
        body["response_url"] = self.hook(channel, user, message)
        container = {"type": "message", "message_ts": message["ts"], "channel_id": channel, "is_ephemeral": whisper}
        body["container"] = container | ({"thread_ts": message["thread_ts"]} if "thread_ts" in message else {})
        if not whisper:
            body["message"] = {key: message[key] for key in ("ts", "thread_ts", "blocks") if key in message}
        body["actions"] = [{**element, "block_id": "b1", "action_ts": self._ts()}]
        return body

    def shown(self, kind: str = "") -> list[dict[str, Any]]:
        """The windows that are open, of this kind or of any."""
        return [view for view in self.views.values() if kind in ("", view["callback_id"])]

    async def press_in(self, label: str, view: dict[str, Any]) -> Reply:
        """Somebody presses a button, or chooses the line of a menu, in a window."""
        action = {**_element(view["blocks"], label), "block_id": "b1", "action_ts": self._ts()}
        return await self._interact(self._in_view("block_actions", view, actions=[action]))

    async def fill_in(self, view: dict[str, Any], **given: Any) -> None:
        """Somebody fills in fields of a window, each named by its element; one that tells does so at once."""
        for field, value in given.items():
            block = next(b for b in view["blocks"] if b["type"] == "input" and b["element"]["action_id"] == field)
            element = block["element"]
            self.entered[view["id"]][block["block_id"]] = {field: _filled(element, value)}
            if block.get("dispatch_action"):
                action = {"type": element["type"], "action_id": field, "block_id": block["block_id"]}
                await self._interact(self._in_view("block_actions", view, actions=[action]))

    async def submit(self, view: dict[str, Any]) -> Reply:
        """Somebody submits a window, which then shows what the bot answered."""
        for block in view["blocks"]:
            if block["type"] == "input" and not block.get("optional"):
                (held,) = self.entered[view["id"]][block["block_id"]].values()
                assert any(value for key, value in held.items() if key != "type"), f"{block['block_id']} is empty"
        async with self.changing:
            reply = await self._interact(self._in_view("view_submission", view))
            shown = json.loads(reply.body) if reply.body not in ("", "{}") else {}
            if shown.get("response_action") == "update":
                self.put_up(view["id"], shown["view"], view["user"])
            elif shown.get("response_action") == "errors":
                fields = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
                assert set(shown["errors"]) <= fields, "an error at a field that is not there"
            else:
                del self.views[view["id"]]
        await self._tell()
        return reply

    def _in_view(self, kind: str, view: dict[str, Any], **more: Any) -> dict[str, Any]:
        body = sample("view_submission")
        body |= {"type": kind, "trigger_id": self._trigger(view["user"]), **more}
        body["user"]["id"] = view["user"]
        state = {"values": self.entered[view["id"]]}
        body["view"] = {**{key: value for key, value in view.items() if key != "user"}, "state": state}
        if kind == "block_actions":
            body["container"] = {"type": "view", "view_id": view["id"]}
        return body

    async def _interact(self, body: dict[str, Any]) -> Reply:
        if self.sockets:
            return await self._envelope("interactive", body)
        form = urlencode({"payload": json.dumps(body)})
        return await self.post(form, {"Content-Type": "application/x-www-form-urlencoded"})

    def _trigger(self, user: str) -> str:
        name = f"{next(self._numbers)}.2"
        self.triggers[name] = "expired_trigger_id" if self.late else user
        return name

    async def post(self, body: str | bytes, headers: dict[str, str], sign: bool = True) -> Reply:
        """Sends a request to the bot over HTTP, signed as Slack signs."""
        data = body.encode() if isinstance(body, str) else body
        if sign:
            now = str(int(time.time()))
            headers = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": self.signature(now, data), **headers}
        return await self._send(data, headers)

    def signature(self, timestamp: str, body: bytes) -> str:
        """What Slack signs a body with."""
        return "v0=" + hmac.new(self.secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()

    def hook(self, channel: str, user: str, source: dict[str, Any] | None) -> str:
        """A fresh response address."""
        name = f"h{next(self._numbers)}"
        self.hooks[name] = Hook(channel, user, source)
        return f"{self.origin}/hooks/{name}"

    async def disconnect(self) -> None:
        """Asks the bot to open a new socket, as Slack does every few hours."""
        await self.sockets[-1].send_json({"type": "disconnect", "reason": "refresh_requested"})

    async def _write(self, name: str, text: str, channel: str, user: str, thread: str) -> dict[str, Any]:
        body, ts = sample(name), self._ts()
        body["event_id"] = f"Ev{next(self._numbers)}"
        body["event"] |= {"text": delivered(text), "channel": channel, "user": user, "ts": ts, "event_ts": ts}
        body["event"] |= {"thread_ts": thread} if thread else {}
        body["event"].pop("blocks", None)
        self.channels[channel].messages.append(dict(body["event"]))
        await self.event(body)
        return body

    async def _envelope(self, kind: str, payload: dict[str, Any]) -> Reply:
        name, began = f"e{next(self._numbers)}", time.perf_counter()
        await self.sockets[-1].send_json({"type": kind, "envelope_id": name, "payload": payload})
        await self.until(lambda: name in self.acknowledged)
        return Reply(200, json.dumps(self.acknowledged[name]), {}, time.perf_counter() - began)


def _filled(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """A field with something in it, as Slack tells it."""
    kind = element["type"]
    offered = {option["value"]: option for option in element.get("options", ())}
    given = {
        "plain_text_input": lambda: {"value": value},
        "static_select": lambda: {"selected_option": offered[value]},
        "multi_static_select": lambda: {"selected_options": [offered[one] for one in value]},
        "checkboxes": lambda: {"selected_options": list(offered.values()) if value else []},
        "multi_users_select": lambda: {"selected_users": value},
        "multi_conversations_select": lambda: {"selected_conversations": value},
        "datepicker": lambda: {"selected_date": value},
        "timepicker": lambda: {"selected_time": value},
    }
    return {"type": kind, **given[kind]()}


def _element(blocks: list[dict[str, Any]], label: str) -> dict[str, Any]:
    for each in objects(blocks):
        if each.get("type") == "button" and each["text"]["text"] == label:
            return dict(each)
        for option in each.get("options", ()):
            if option["text"]["text"] == label:
                return {"type": "overflow", "action_id": each["action_id"], "selected_option": option}
    raise LookupError(f"no button {label!r}")
