"""What people do on Slack, as Slack sends it, read as a Question or a Press and where its answer goes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.messages import Person, Place, Press, Question, Voice
from bot.platforms.exchange import Heard, conversation_of
from bot.platforms.slack.blocks import unpack
from bot.platforms.slack.mrkdwn import plain
from bot.text import clean, quoting

Body = dict[str, Any]

PLATFORM = "slack"
# The message subtypes in which people talk; the others are edits, deletions, bots and notices.
SPOKEN = ("", "file_share", "thread_broadcast")
LONGEST_QUESTION = 3000
"""Characters of a question that is written in a window: https://docs.slack.dev/reference/block-kit/block-elements."""


@dataclass(frozen=True)
class Window:
    """A window of the bot's in which somebody did something; what it carries is untrusted."""

    id: str
    root: str
    """The first window of those that are on top of each other, which stays the same while they are."""
    kind: str
    carried: str
    hash: str
    values: Body
    """What is chosen and written in it, by block and then by element."""


@dataclass(frozen=True)
class SlackHeard(Heard):
    """Something a person did, and what Slack needs to answer it."""

    ts: str = ""
    response_url: str = ""
    in_thread: bool = False
    """Whether the thread was there before: a private message in a thread that is not there yet is never shown."""
    trigger: str = ""
    """What opens a window, once and within three seconds."""
    whispered: bool = False
    """Whether the message whose button was pressed is shown to that person alone."""
    window: Window | None = None


def message(body: Body, myself: str) -> SlackHeard | None:
    """A direct message to the bot; None for everything that is not a person talking to it."""
    event = body["event"]
    if event.get("channel_type") != "im" or not _spoken(event, myself):
        return None
    return _said(body, event, myself)


def mention(body: Body, myself: str) -> SlackHeard | None:
    """A message that mentions the bot where others read it, too."""
    event = body["event"]
    return _said(body, event, myself) if _spoken(event, myself) else None


def command(body: Body) -> SlackHeard:
    """What follows `/optout`."""
    person = Person(PLATFORM, body["team_id"], body["user_id"])
    place = Place(PLATFORM, body["team_id"], body["channel_id"])
    question = Question(plain(body.get("text") or ""), person, place, conversation_of(person, place, "aside"), "aside")
    key = ("command", person.tenant, body.get("trigger_id") or body["response_url"])
    return SlackHeard(question, key, response_url=body["response_url"], trigger=body.get("trigger_id") or "")


def press(body: Body) -> SlackHeard | None:
    """A pressed button or a chosen line of a menu; None when the bot cannot have put it there."""
    action, container = body["actions"][0], body.get("container") or {}
    packed = action.get("value") or (action.get("selected_option") or {}).get("value") or ""
    value = unpack(packed)
    if not value:
        return None
    person = _person(body)
    team, ts, trigger = person.tenant, action.get("action_ts") or "", body.get("trigger_id") or ""
    if body.get("view"):
        shown = window(body)
        place, turns = _in(shown, person)
        key = ("press", team, place.id, trigger or f"{person.id} {ts}")
        asked = Press(value[0], value[1:], person, place, turns, "alone")
        return SlackHeard(asked, key, ts, trigger=trigger, window=shown)
    thread = container.get("thread_ts") or (body.get("message") or {}).get("thread_ts") or ""
    place = Place(PLATFORM, team, body["channel"]["id"], thread)
    whispered = bool(container.get("is_ephemeral"))
    voice: Voice = "alone" if _is_direct(place.id) and not whispered else "aside"
    conversation = conversation_of(person, place, voice)
    pressed = Press(value[0], value[1:], person, place, conversation, voice, _shows(body.get("message"), packed))
    key = ("press", team, place.id, trigger or f"{person.id} {ts}")
    return SlackHeard(pressed, key, ts, body.get("response_url") or "", bool(thread), trigger, whispered)


def submission(body: Body, field: str) -> SlackHeard:
    """What somebody wrote into `field` of a window of the bot's, or its being submitted where it has no such field."""
    person, shown = _person(body), window(body)
    place, turns = _in(shown, person)
    written = next((elements[field].get("value") for elements in shown.values.values() if field in elements), None)
    text = clean(written or "").strip()[:LONGEST_QUESTION]
    question = Question(text, person, place, turns, "alone")
    key = ("submission", place.tenant, shown.id, shown.hash)
    return SlackHeard(question, key, trigger=body.get("trigger_id") or "", window=shown)


def window(body: Body) -> Window:
    """The window in which somebody did something."""
    view = body["view"]
    known = ("id", "callback_id", "private_metadata", "hash")
    id_, kind, carried, mark = (str(view.get(key) or "") for key in known)
    values = (view.get("state") or {}).get("values") or {}
    return Window(id_, str(view.get("root_view_id") or id_), kind, carried, mark, values)


def opened(body: Body) -> str:
    """The direct message that somebody opened; empty when they opened another tab."""
    event = body["event"]
    return str(event.get("channel") or "") if event.get("tab") == "messages" else ""


def _shows(message: Any, packed: str) -> bool:
    """Whether a message, which Slack adds to a press unless it is shown to one person alone, has a button like that."""
    return bool(message) and json.dumps(packed) in json.dumps(message.get("blocks"))


def _spoken(event: Body, myself: str) -> bool:
    by_machine = event.get("bot_id") or event.get("user") in (None, "", "USLACKBOT", myself)
    return not (by_machine or event.get("edited") or event.get("hidden") or (event.get("subtype") or "") not in SPOKEN)


def _said(body: Body, event: Body, myself: str) -> SlackHeard:
    person = Person(PLATFORM, body["team_id"], event["user"])
    voice: Voice = "alone" if _is_direct(event["channel"]) else "aloud"
    thread = event.get("thread_ts") or ("" if voice == "alone" else event["ts"])
    place = Place(PLATFORM, body["team_id"], event["channel"], thread)
    question = Question(_written(event, myself), person, place, conversation_of(person, place, voice), voice)
    # The same for the two events that Slack sends for one mention.
    key = ("message", place.tenant, place.id, event["ts"])
    return SlackHeard(question, key, event["ts"], in_thread=bool(event.get("thread_ts")))


def _written(event: Body, myself: str) -> str:
    """What somebody wrote, under what they forwarded."""
    # What is forwarded comes as an attachment: https://github.com/slackapi/java-slack-sdk/issues/1179
    shared = [one for one in event.get("attachments") or () if one.get("is_share") or one.get("is_msg_unfurl")]
    forwarded = (quoting(plain(one.get("text") or "")) for one in shared)
    return "\n".join((*forwarded, plain(event.get("text") or "", myself)))


def _person(body: Body) -> Person:
    # In a window, `team` is a stranger's own workspace: https://github.com/slackapi/bolt-js/issues/1614
    team = (body.get("view") or {}).get("app_installed_team_id") or (body.get("team") or {}).get("id")
    team = team or body["user"]["team_id"]
    return Person(PLATFORM, team, body["user"]["id"])


def _in(shown: Window, person: Person) -> tuple[Place, str]:
    """A window as a place, where its person is alone with the bot, and as a conversation."""
    place = Place(PLATFORM, person.tenant, shown.root)
    return place, conversation_of(person, place, "alone")


def _is_direct(channel: str) -> bool:
    """Whether a channel id is a direct message's."""  # https://docs.slack.dev/reference/objects/conversation-object
    return channel.startswith("D")
