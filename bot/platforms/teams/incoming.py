"""What people do in Teams, as Teams sends it, read as a Question or a Press and where its answer goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.messages import Address, Person, Place, Press, Question, Voice
from bot.platforms.exchange import Heard, conversation_of
from bot.platforms.teams.cards import CARD, unpack
from bot.platforms.teams.connector import Chat
from bot.platforms.teams.text import is_mention, plain, told_apart
from bot.text import has_words, quoting

Body = dict[str, Any]

PLATFORM = "teams"
HTML = "text/html"


@dataclass(frozen=True)
class TeamsHeard(Heard):
    """Something a person did, and what Teams needs to answer it."""

    chat: Chat
    bot: str
    names: Mapping[str, str]
    """What the person is called, for a post that says who asked for it."""


@dataclass(frozen=True)
class Installation:
    """That the bot was added to a conversation or taken out of it."""

    address: Address
    added: bool
    greeted: bool
    """Whether the bot is expected to introduce itself: not after an upgrade."""


def message(body: Body) -> TeamsHeard | None:
    """A message for the bot, or a button that came as one; None for what is not said to it."""
    if isinstance(body.get("value"), dict) and not _text(body.get("text")).strip():
        return _pressed(body, body["value"])
    if _is_card(body):
        return None
    kind, entities = _kind(body), body.get("entities") or ()
    if kind != "personal" and not any(is_mention(entity, _bot(body)) for entity in entities):
        return None
    person, place, voice = _person(body), _place(body), _voice(kind)
    text = plain(_written(body), entities, _bot(body))
    question = Question(text, person, place, conversation_of(person, place, voice), voice)
    return _heard(body, question)


def press(body: Body) -> TeamsHeard | None:
    """A pressed button of a card; None when the bot cannot have put it there."""
    return _pressed(body, body["value"]["action"].get("data"))


def search(body: Body) -> str:
    """What somebody typed into the search of the message extension; empty before they did."""
    parameters = (body.get("value") or {}).get("parameters") or ()
    return next((plain(_text(one.get("value"))) for one in parameters if one.get("name") != "initialRun"), "")


def installation(body: Body) -> Installation | None:
    """That the bot came or went; None for everybody else who did."""
    bot = _bot(body)
    match body.get("type"), body.get("action"):
        case "installationUpdate", ("add" | "add-upgrade") as action:
            return Installation(address(body), True, action == "add")
        case "installationUpdate", "remove":
            return Installation(address(body), False, False)
        case "conversationUpdate", _ if _among(bot, body.get("membersAdded")):
            return Installation(address(body), True, True)
        case "conversationUpdate", _ if _among(bot, body.get("membersRemoved")):
            return Installation(address(body), False, False)
    return None


def address(body: Body) -> Address:
    """Where the conversation of an activity can be written to later."""
    return Address(_place(body), _kind(body), body["serviceUrl"])


def chat(body: Body) -> Chat:
    """Where an activity is answered."""
    return Chat(body["serviceUrl"], _id(body["conversation"]))


def _pressed(body: Body, data: Any) -> TeamsHeard | None:
    value = unpack(data)
    if not value:
        return None
    person, place, voice = _person(body), _place(body), _voice(_kind(body))
    return _heard(body, Press(value[0], value[1:], person, place, conversation_of(person, place, voice), voice))


def _written(body: Body) -> str:
    """What somebody wrote, with what they quote on lines marked as such.

    Where the text runs the two together, the HTML of the message beside it tells them apart.
    """
    html = (_text(each.get("content")) for each in body.get("attachments") or () if each.get("contentType") == HTML)
    if told := next(filter(None, map(told_apart, html)), ""):
        return told
    return "\n".join((*map(quoting, _quoted(body.get("entities") or ())), _text(body.get("text"))))


def _quoted(entities: Iterable[Any]) -> Iterator[str]:
    """How the messages that one answers begin."""
    # https://learn.microsoft.com/dotnet/api/microsoft.teams.apps.schema.entities.quotedreplydata
    for entity in entities:
        match entity:
            case {"type": "quotedReply", "quotedReply": {"preview": str(preview)}}:
                yield preview


def _heard(body: Body, asked: Question | Press) -> TeamsHeard:
    key = (str(body.get("type")), asked.place.tenant, _id(body["conversation"]), _text(body.get("id")))
    names = {asked.person.id: name} if (name := _text(body["from"].get("name"))) else {}
    return TeamsHeard(asked, key, chat(body), _bot(body), names)


def _person(body: Body) -> Person:
    return Person(PLATFORM, _tenant(body), _id(body["from"]), _text(body["from"].get("aadObjectId")).lower())


def _place(body: Body) -> Place:
    """The channel with the thread in it, or the chat; a thread's id is that of its own conversation."""
    conversation = _id(body["conversation"])
    channel = (body.get("channelData") or {}).get("channel") or {}
    found = _text(channel.get("id")) if _kind(body) == "channel" else ""
    if found and found != conversation:
        return Place(PLATFORM, _tenant(body), found, conversation)
    return Place(PLATFORM, _tenant(body), conversation)


def _kind(body: Body) -> str:
    conversation = body["conversation"]
    return _text(conversation.get("conversationType")) or ("groupChat" if conversation.get("isGroup") else "personal")


def _voice(kind: str) -> Voice:
    return "alone" if kind == "personal" else "aloud"


def _tenant(body: Body) -> str:
    data = body.get("channelData") or {}
    return _text(body["conversation"].get("tenantId")) or _text((data.get("tenant") or {}).get("id"))


def _is_card(body: Body) -> bool:
    """Whether somebody put a card into the chat without a word, as the message extension lets them."""
    cards = [each for each in body.get("attachments") or () if each.get("contentType") == CARD]
    return bool(cards) and not has_words(plain(_text(body.get("text")), body.get("entities") or (), _bot(body)))


def _among(bot: str, members: Any) -> bool:
    return any(member.get("id") == bot for member in members or ())


def _bot(body: Body) -> str:
    return _id(body["recipient"])


def _id(account: Any) -> str:
    """An id, which has to be there."""
    found = account["id"]
    if not isinstance(found, str) or not found:
        raise TypeError("an id is missing")
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
