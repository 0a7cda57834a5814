"""What Teams delivers to a bot: messages, presses, searches and installations, with tokens signed by its keys."""

import json
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.drawn import objects
from tests.fakes.service import FakeService, Reply

SAMPLES = Path(__file__).parents[1] / "samples" / "teams"
APP = "11111111-2222-4333-8444-555555555555"
BOT = f"28:{APP}"
TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
ISSUER = "https://api.botframework.com"
KEY, OTHER_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))
CHANNEL = "19:general@thread.tacv2"
THREAD = f"{CHANNEL};messageid=1764000000000"


def sample(name: str) -> dict[str, Any]:
    """A recorded activity."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


class Deliveries(FakeService):
    """The half of a fake Teams that speaks first."""

    @property
    def service(self) -> str:
        """The service address that the bot is told."""
        return f"{self.origin}/emea/"

    async def write(self, text: str, conversation: str = "a:anna", person: str = "29:anna", **changed: Any) -> Reply:
        """Somebody writes to the bot, with a mention of it where others read along."""
        body = _written(conversation)
        body["text"] = (
            text if body["conversation"]["conversationType"] == "personal" else f"<at>Opt-Out Bot</at> {text}"
        )
        body["from"]["id"] = person
        return await self.deliver({**body, **changed})

    async def press(self, label: str, said: dict[str, Any], *, old: bool = False, person: str = "29:anna") -> Reply:
        """Somebody presses the button with this label on a card; an `old` client sends its fallback."""
        action = next(each for each in objects(said["attachments"]) if each.get("title") == label)
        return await self.send_press(action, said, old=old, person=person)

    async def send_press(
        self, action: dict[str, Any], said: dict[str, Any], *, old: bool = False, person: str, tenant: str = TENANT
    ) -> Reply:
        """Somebody's client sends a press, of whatever button it says, on whatever message it says."""
        where = said["conversation"]["id"]
        written = _written(f"{where};messageid={said['id']}" if where.endswith("@thread.tacv2") else where)
        body = {**sample("submit" if old else "press"), "replyToId": said["id"]}
        body |= {key: written[key] for key in ("conversation", "channelData")}
        body["conversation"]["tenantId"] = body["channelData"]["tenant"]["id"] = tenant
        body["from"]["id"] = person
        body["value"] = action["fallback"]["data"] if old else {"action": _execute(action), "trigger": "manual"}
        return await self.deliver(body)

    async def deliver(self, body: dict[str, Any], **claims: Any) -> Reply:
        """Delivers an activity as Teams does, under a number of its own."""
        body = {**body, "id": f"{1764000001000 + next(self._numbers)}", "serviceUrl": self.service}
        return await self.repeat(body, **claims)

    async def repeat(self, body: dict[str, Any], **claims: Any) -> Reply:
        """Delivers an activity as it is."""
        return await self.post(json.dumps(body), {"Authorization": f"Bearer {self.token(**claims)}"})

    async def post(self, body: str | bytes, headers: dict[str, str]) -> Reply:
        """Sends a request to the bot."""
        return await self._send(body, {"Content-Type": "application/json", **headers})

    def token(self, key: Any = KEY, kid: str = "k1", algorithm: str = "RS256", **claims: Any) -> str:
        """What Teams signs a request with; a claim that is None is left out."""
        now = int(time.time())
        given = {"iss": ISSUER, "aud": APP, "serviceurl": self.service, "iat": now, "nbf": now - 60, "exp": now + 3600}
        kept = {name: value for name, value in {**given, **claims}.items() if value is not None}
        return jwt.encode(kept, key, algorithm, {"kid": kid})


def _written(conversation: str) -> dict[str, Any]:
    """What somebody wrote in a conversation; in a channel that is always in a thread, whose id names its root."""
    channel, _, root = conversation.partition(";messageid=")
    kind = "channel" if root else "group" if channel.endswith("@thread.v2") else "personal"
    body = sample(f"message_{kind}")
    body["conversation"]["id"] = conversation
    if root:
        body["channelData"] |= {"channel": {"id": channel}, "teamsChannelId": channel}
    return body


def made_up(value: list[Any], action: str = "remove") -> dict[str, Any]:
    """A button that a client made up, with its fallback."""
    looks = {"title": "Remove it", "data": {"action": action, "value": value}}
    submit = {"type": "Action.Submit", **looks}
    return {"type": "Action.Execute", "verb": action, **looks, "fallback": submit}


def _execute(action: dict[str, Any]) -> dict[str, Any]:
    return {key: action[key] for key in ("type", "verb", "title", "data")}
