"""manifest.json makes the Slack app that the code serves: nothing missing, nothing more than is used."""

import json
import re
from pathlib import Path

import jsonschema
import pytest

from bot.platforms.slack.identity import SCOPES
from bot.platforms.slack.listeners import COMMAND, EVENTS
from tests.fakes.slack import METHODS, scopes_of

ROOT = Path(__file__).parent.parent
MANIFEST = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
SCHEMA = json.loads(
    (Path(__file__).parent / "schemas" / "slack" / "manifest.schema.1.0.0.json").read_text(encoding="utf-8")
)
SLACK = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
OPTIONAL = set(re.findall(r"^\| `([a-z]+:[a-z]+)` \|", SLACK, re.MULTILINE))
"""The scopes that docs/slack.md calls optional."""
NEVER_ASKED = "im:read"
"""What Slack asks for looking up a direct message as one looks up a channel, which the bot has no need to."""
# What Slack asks for each event and feature: https://docs.slack.dev/reference/events
EVENT_SCOPES = {"app_mention": {"app_mentions:read"}, "message.im": {"im:history"}, "app_home_opened": set()}


def test_slack_would_accept_the_manifest():
    """It is valid by Slack's own schema for this version."""
    assert MANIFEST["_metadata"]["major_version"] == 1
    jsonschema.Draft7Validator(SCHEMA).validate(MANIFEST)


@pytest.mark.parametrize("key", ["agent_view", "slash_commands", "app_home"])
def test_the_schema_notices_mistakes(key: str):
    """The check above can fail."""
    broken = json.loads(json.dumps(MANIFEST))
    broken["features"][key] = "nonsense"
    assert not jsonschema.Draft7Validator(SCHEMA).is_valid(broken)


def test_the_events_and_commands_are_those_that_are_listened_to():
    """What nobody handles is not asked for."""
    assert sorted(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == sorted(EVENTS)
    assert [command["command"] for command in MANIFEST["features"]["slash_commands"]] == [COMMAND]


def test_the_scopes_are_exactly_those_that_events_and_methods_need():
    """Each scope has a use: an event, a method that the code calls, or the command; docs/slack.md has optional ones."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "platforms" / "slack").glob("*.py"))
    called = set(re.findall(r"client\.(\w+_\w+)", code))
    methods = {name: method for name, method in METHODS.items() if name.replace(".", "_") in called}
    used = {scope for name in methods for scope in scopes_of(name)} - {"", "connections:write", NEVER_ASKED}
    for event in EVENTS:
        used |= EVENT_SCOPES[event]
    assert called == {name.replace(".", "_") for name in methods}
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert set(MANIFEST["oauth_config"]["scopes"]) == {"bot"}
    assert used | {"commands"} == set(SCOPES) | OPTIONAL
    assert not set(SCOPES) & OPTIONAL


def test_people_can_write_to_the_bot_and_names_arrive_as_ids():
    """The messages tab is on and writable, and Slack escapes what is typed after the command."""
    home = {"home_tab_enabled": False, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False}
    assert MANIFEST["features"]["app_home"] == home
    assert MANIFEST["features"]["slash_commands"][0]["should_escape"] is True
    assert set(MANIFEST["features"]) == {"agent_view", "app_home", "bot_user", "slash_commands"}


def test_the_suggested_questions_are_answered(knowledge):
    """What the pane suggests has an answer."""
    from bot.answering import deciding as answering
    from tests.conftest import TODAY

    prompts = [prompt["message"] for prompt in MANIFEST["features"]["agent_view"]["suggested_prompts"]]
    outcomes = {prompt: answering.decide(knowledge, prompt, TODAY).sort for prompt in prompts}
    assert outcomes == dict.fromkeys(prompts, "answer")
