"""A small Teams for tests: a strict Bot Connector, its key service, its token services, over real sockets.

It remembers everything that is said, refuses what the service would refuse, fails when it is told to, and delivers
what people do the way Teams does.
"""

import asyncio
import json
import re
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from jwt.algorithms import RSAAlgorithm

from bot.platforms.teams.hosts import Services
from tests.fakes.teams_deliveries import APP, BOT, CHANNEL, KEY, OTHER_KEY, TENANT, THREAD, Deliveries

PASSWORD = "p~ssw0rd"
ANNA_IN_ENTRA = "bbbbbbbb-0000-4000-8000-000000000001"
# Teams' own id of a person, or Microsoft Entra's:
# https://learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/send-proactive-messages
PERSON = re.compile(r"29:\S+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PAGES = ["first", *(f"page+{number}/=" for number in range(1, 100))]
"""What the pages of members are called: opaque, and in need of quoting."""
CARD = "application/vnd.microsoft.card.adaptive"
MESSAGE = {
    "type",
    "from",
    "conversation",
    "text",
    "textFormat",
    "summary",
    "attachments",
    "suggestedActions",
    "entities",
}


class RefusedError(Exception):
    """An error of the connector: a status, a code and what was wrong."""

    def __init__(self, status: int, code: str, what: str = "") -> None:
        self.status, self.code = status, code
        super().__init__(what or code)


class FakeConnector(Deliveries):
    """Teams for one tenant and one bot; `async with FakeConnector() as teams` starts and stops it."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.conversations: dict[str, list[dict[str, Any]]] = {
            name: [] for name in ("a:anna", "a:ben", "19:group@thread.v2", CHANNEL, THREAD, "19:team@thread.tacv2")
        }
        self.personal = {"29:anna": "a:anna", ANNA_IN_ENTRA: "a:anna", "29:ben": "a:ben"}
        self.rosters: dict[str, list[dict[str, Any]]] = {}
        """Who is in a conversation; a team's channel has the members of the team."""
        self.refusing: dict[str, tuple[int, str]] = {}
        """Conversations that refuse everything, with the status and the word for the reason; "*" is all of them."""
        self.endorsements = ["msteams", "webchat"]
        self.new_keys: dict[str, Any] = {}
        """Keys that the key service has begun to list beside the first one, by their names."""
        self.typing: list[str] = []
        self.problems: list[str] = []
        self.deleted: list[tuple[str, str]] = []
        """Every request to delete something: the conversation and the id, whether or not it was there."""
        self.tokens: list[str] = []
        self.token_seconds = 3600

    def routes(self, app: web.Application) -> None:
        """The key service, the token services and the connector."""
        app.router.add_get("/v1/.well-known/openidconfiguration", self._on("keys", self._configuration))
        app.router.add_get("/v1/keys", self._on("keys", self._keys))
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._on("token", self._token))
        app.router.add_get("/msi/token", self._on("token", self._managed))
        conversations = "/emea/v3/conversations"
        app.router.add_post(conversations, self._on("open", self._open))
        app.router.add_get(conversations + "/{id}/pagedmembers", self._paged)
        app.router.add_post(conversations + "/{id}/activities", self._on("post", self._post))
        app.router.add_put(conversations + "/{id}/activities/{activity}", self._on("put", self._put))
        app.router.add_delete(conversations + "/{id}/activities/{activity}", self._on("delete", self._delete))

    def let_go(self) -> None:
        """Closes every line that is idle, so that whoever kept one has not noticed yet."""
        for connection in self._runner.server.connections:
            connection.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    @asynccontextmanager
    async def hanging_up(self) -> AsyncIterator[None]:
        """For a while, ends every new line as soon as it stands, as a load balancer does with nothing behind it."""
        await self.go_away()

        def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        async with await asyncio.start_server(hang_up, "127.0.0.1", self._port):
            yield
        await self.come_back()

    @property
    def services(self) -> Services:
        """Where a bot finds this Teams."""
        return Services(f"{self.origin}/v1/.well-known/openidconfiguration", f"{self.origin}/", loopback=True)

    # -- what was said

    def said(self, conversation: str = "a:anna") -> list[dict[str, Any]]:
        """What the bot said in a conversation."""
        return self.conversations[conversation]

    def texts(self, conversation: str = "a:anna") -> list[str]:
        """What the bot said in a conversation, as a notification shows it."""
        return [said.get("summary") or said["text"] for said in self.conversations[conversation]]

    # -- what is called

    def refusal(self, code: str) -> web.Response:
        """An error of the connector."""
        return self._refused(RefusedError(403, code))

    def _on(self, name: str, run: Callable[[web.Request, Any], Any]) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.Response:
            return await self._answer(name, request, _read, lambda what: self._run(request, what, run))

        return handle

    async def _paged(self, request: web.Request) -> web.Response:
        """A page of members: the first is called `members`, each after it `more`."""
        return await self._on("more" if "continuationToken" in request.query else "members", self._members)(request)

    def _run(self, request: web.Request, what: Any, run: Callable[[web.Request, Any], Any]) -> web.Response:
        try:
            return web.json_response(run(request, what), status=201 if request.method == "POST" else 200)
        except RefusedError as error:
            self.problems += [str(error)] if error.status == 400 else []
            return self._refused(error)

    def _refused(self, error: RefusedError) -> web.Response:
        if error.code == "MessageWritesBlocked":
            inside = json.dumps({"subCode": error.code, "details": "Thread is blocked from message writes."}, indent=2)
            return web.json_response({"errorCode": 209, "message": inside}, status=error.status)
        plain = {"message": "Authorization has been denied for this request."}
        full = {"error": {"code": error.code, "message": str(error)}}
        return web.json_response(full if error.code else plain, status=error.status)

    # -- the key service and the token services

    def _configuration(self, _: web.Request, __: Any) -> dict[str, Any]:
        return {"issuer": "https://api.botframework.com", "jwks_uri": f"{self.origin}/v1/keys"}

    def _keys(self, _: web.Request, __: Any) -> dict[str, Any]:
        others = (("other-channel", OTHER_KEY, ["directline"]), ("bare", OTHER_KEY, None))
        teams = ((name, key, self.endorsements) for name, key in {"k1": KEY, **self.new_keys}.items())
        return {"keys": [_jwk(*key) for key in (*teams, *others)]}

    def _token(self, request: web.Request, form: dict[str, str]) -> dict[str, Any]:
        wanted = {"grant_type": "client_credentials", "client_id": APP, "client_secret": PASSWORD}
        if form != {**wanted, "scope": "https://api.botframework.com/.default"}:
            return {"error": "invalid_client"}
        if request.match_info["tenant"] not in (TENANT, "botframework.com"):
            return {"error": "unauthorized_client"}
        return {"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": self._new_token()}

    def _managed(self, request: web.Request, _: Any) -> dict[str, Any]:
        known = request.headers.get("X-IDENTITY-HEADER") == "secret" and request.query.get("client_id") == APP
        if not known or request.query.get("resource") != "https://api.botframework.com":
            raise RefusedError(400, "invalid_request")
        expires = str(4_000_000_000)
        return {"access_token": self._new_token(), "expires_on": expires, "resource": "r", "token_type": "Bearer"}

    def _new_token(self) -> str:
        self.tokens.append(f"token-{next(self._numbers)}")
        return self.tokens[-1]

    # -- the connector

    def _open(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self._check_token(request)
        if set(body) != {"isGroup", "bot", "members", "tenantId", "channelData"} or body["isGroup"]:
            raise RefusedError(400, "BadSyntax", f"conversation with {sorted(body)}")
        if body["bot"] != {"id": BOT} or body["tenantId"] != TENANT:
            raise RefusedError(403, "BotNotInConversationRoster")
        (member,) = body["members"]
        if set(member) != {"id"} or not PERSON.fullmatch(member["id"]):
            raise RefusedError(400, "BadSyntax", f"a person of id {member}")
        self._refuse("*", member["id"])
        if member["id"] not in self.personal:
            raise RefusedError(403, "ForbiddenOperationException", "Bot is not installed in user's personal scope")
        return {"id": self.personal[member["id"]]}

    def _members(self, request: web.Request, _: Any) -> dict[str, Any]:
        """A page of at least 50 and at most 500 members, whatever is asked for."""
        self._check_token(request)
        self._conversation(request)
        if not set(request.query) <= {"pageSize", "continuationToken"}:
            raise RefusedError(400, "BadSyntax", f"members with {sorted(request.query)}")
        roster, size = self.rosters.get(request.match_info["id"], []), int(request.query.get("pageSize", 200))
        size = min(max(size, 50), 500)
        start = PAGES.index(request.query["continuationToken"]) * size if "continuationToken" in request.query else 0
        after = {"continuationToken": PAGES[start // size + 1]} if start + size < len(roster) else {}
        return {"members": roster[start : start + size], **after}

    def _post(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self._check_token(request)
        conversation = self._conversation(request)
        if body.get("type") == "typing":
            self.typing.append(request.match_info["id"])
            return {"id": ""}
        _check_message(body, request.match_info["id"])
        conversation.append({**body, "id": f"{1764000500000 + next(self._numbers)}"})
        # Teams may make two messages of a text and a card, and names neither.
        return {} if body.get("text") and body.get("attachments") else {"id": conversation[-1]["id"]}

    def _put(self, request: web.Request, body: dict[str, Any]) -> dict[str, Any]:
        self._check_token(request)
        conversation, activity = self._conversation(request), request.match_info["activity"]
        _check_message(body, request.match_info["id"])
        for said in conversation:
            if said["id"] == activity:
                said.update(body)
                return {"id": activity}
        raise RefusedError(404, "ActivityNotFoundInConversation")

    def _delete(self, request: web.Request, _: Any) -> dict[str, Any]:
        self._check_token(request)
        self.deleted.append((request.match_info["id"], request.match_info["activity"]))
        conversation, activity = self._conversation(request), request.match_info["activity"]
        if activity not in [said["id"] for said in conversation]:
            raise RefusedError(404, "ActivityNotFoundInConversation")
        conversation[:] = [said for said in conversation if said["id"] != activity]
        return {}

    def _check_token(self, request: web.Request) -> None:
        if not self.tokens or request.headers.get("Authorization") != f"Bearer {self.tokens[-1]}":
            raise RefusedError(401, "")

    def _refuse(self, *conversations: str) -> None:
        for conversation in conversations:
            if conversation in self.refusing:
                raise RefusedError(*self.refusing[conversation])

    def _conversation(self, request: web.Request) -> list[dict[str, Any]]:
        """The messages of a conversation; a message in a channel is the root of a thread with an id of its own."""
        name = request.match_info["id"]
        channel, _, root = name.partition(";messageid=")
        self._refuse("*", name, channel)
        if root and any(said["id"] == root for said in self.conversations.get(channel, ())):
            return self.conversations.setdefault(name, [])
        if name not in self.conversations:
            raise RefusedError(404, "ConversationNotFound")
        return self.conversations[name]


def _check_message(body: dict[str, Any], conversation: str) -> None:
    """Refuses what the connector would refuse, or show differently from what was meant."""
    wrong = [f"unknown field {name}" for name in set(body) - MESSAGE]
    wrong += ["not a message"] if body.get("type") != "message" else []
    wrong += ["from"] if body.get("from") != {"id": BOT} else []
    wrong += ["conversation"] if body.get("conversation") != {"id": conversation} else []
    wrong += ["says nothing"] if not body.get("text") and not body.get("attachments") else []
    wrong += ["markup"] if body.get("text") and body.get("textFormat") != "plain" and not body.get("entities") else []
    wrong += _citation_problems(body)
    wrong += ["suggestions under a card"] if body.get("attachments") and body.get("suggestedActions") else []
    actions = body.get("suggestedActions", {"actions": []})["actions"]
    wrong += [f"suggestion {action}" for action in actions if set(action) != {"type", "title", "value"}]
    for attachment in body.get("attachments", ()):
        wrong += _card_problems(attachment)
    if wrong:
        raise RefusedError(400, "BadSyntax", "; ".join(wrong))
    if len(json.dumps(body, ensure_ascii=False).encode("utf-16-le")) > 80_000:
        raise RefusedError(413, "MessageSizeTooBig")


def _citation_problems(body: dict[str, Any]) -> list[str]:
    """What Teams refuses with 400, and marks that lead nowhere."""
    entities = body.get("entities", [])
    claims = [claim for entity in entities for claim in entity.get("citation", ())]
    root = {"type": "https://schema.org/Message", "@type": "Message", "@context": "https://schema.org"}
    wrong = ["more than one root entity"] if len(entities) > 1 else []
    wrong += [f"entity {entity}" for entity in entities if {**entity, **root} != entity]
    wrong += ["said to be by a model"] if any("additionalType" in entity for entity in entities) else []
    marks = re.findall(r"(?<!\\)\[(.*?)\]", body["text"]) if entities else []
    wrong += ["marks"] if marks != [str(claim["position"]) for claim in claims] else []
    for claim in claims:
        seen = claim["appearance"]
        wrong += ["claim"] if claim["@type"] != "Claim" or seen["@type"] != "DigitalDocument" else []
        wrong += ["name"] if not 0 < len(seen["name"]) <= 80 else []
        wrong += ["abstract"] if len(seen["abstract"]) > 160 else []
        wrong += ["address"] if not seen.get("url", "https://").startswith("https://") else []
    return wrong


def _card_problems(attachment: dict[str, Any]) -> list[str]:
    card = attachment.get("content", {})
    wrong = ["attachment"] if set(attachment) != {"contentType", "content"} or attachment["contentType"] != CARD else []
    wrong += ["not a card"] if card.get("type") != "AdaptiveCard" or not card.get("body") else []
    wrong += [f"version {card.get('version')}"] if card.get("version") not in ("1.4", "1.5") else []
    return wrong + (["more than 28 KB"] if len(json.dumps(card, ensure_ascii=False).encode()) > 28 * 1024 else [])


def _jwk(kid: str, key: Any, endorsements: list[str] | None) -> dict[str, Any]:
    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig"} | (
        {"endorsements": endorsements} if endorsements else {}
    )


async def _read(request: web.Request) -> Any:
    if request.content_type == "application/json":
        return await request.json()
    return dict(await request.post())
