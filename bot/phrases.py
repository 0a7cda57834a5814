"""Every sentence that the bot itself says, by name; the words are in `content/phrases/`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, model_validator

from bot.topics import Ask, Id, Model, Sentence

_SLOT = re.compile(r"\{([a-z_]*)\}")


class Slots:
    """The names in braces that a sentence has to hold, each once."""

    def __init__(self, *names: str) -> None:
        self.names = names


Label = Annotated[str, Field(min_length=1, max_length=75)]


class SmallTalk(Model):
    """Something people say that is no question, and the friendly reply."""

    id: Id
    ask: tuple[Ask, ...]
    say: Sentence


class Phrases(Model):
    """The bot's own sentences; a comment on each slot stands where it is filled."""

    yes: Sentence
    no: Sentence
    did_you_mean: Sentence
    unknown: Sentence
    unknown_suggestions: Sentence
    covers: Annotated[Sentence, Slots("covers")]
    ask_contact: Annotated[Sentence, Slots("contact")]
    contact_note: Annotated[Sentence, Slots("contact")]
    source: Annotated[Sentence, Slots("title", "publisher", "published", "sections", "reviewed")]
    for_region: Annotated[Sentence, Slots("region")]
    ask_region: Sentence
    empty: Sentence
    apology: Sentence
    unconfirmed: Sentence
    stale_button: Sentence
    received: Sentence
    welcome: Annotated[Sentence, Slots("topic")]

    help_title: Sentence
    help_questions: Sentence
    help_commands: Sentence
    link_text: Annotated[Sentence, Slots("topic")]
    posted_by: Annotated[Sentence, Slots("person")]
    shared_by: Annotated[Sentence, Slots("person")]
    remove_note: Sentence
    posted: Sentence
    removed: Sentence
    not_yours: Sentence
    posted_before: Annotated[Sentence, Slots("ago")]

    region_none: Sentence
    region_is: Annotated[Sentence, Slots("region")]
    region_set: Annotated[Sentence, Slots("region")]
    region_cleared: Sentence
    privacy_title: Sentence
    privacy_kept: Sentence
    privacy_not_kept: Sentence
    privacy_now: Annotated[Sentence, Slots("region")]
    privacy_nothing: Sentence
    privacy_page: Sentence
    forgotten: Sentence
    tell_privately: Sentence

    about_title: Sentence
    about_commands: Sentence
    run_by: Annotated[Sentence, Slots("company")]
    run_by_your_company: Sentence
    privacy_places: Sentence
    privacy_posts: Sentence
    privacy_platform: Sentence
    privacy_control: Sentence
    terms_title: Sentence
    terms_use: Sentence
    terms_answers: Sentence
    terms_advice: Sentence
    terms_names: Sentence
    terms_warranty: Sentence

    button_share: Label
    button_remove: Label
    button_post_again: Label
    button_steps: Label
    button_link: Label
    button_region: Label
    button_region_clear: Label
    button_privacy: Label
    button_forget: Label
    button_help: Label

    small_talk: tuple[SmallTalk, ...]

    @model_validator(mode="after")
    def _slots_are_filled(self) -> Phrases:
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if isinstance(value, str):
                _check_slots(name, value, next((m.names for m in field.metadata if isinstance(m, Slots)), ()))
        return self


def fill(sentence: str, **slots: str) -> str:
    """The sentence with each `{name}` replaced by its value; the values are never read for slots themselves."""
    return _SLOT.sub(lambda found: slots[found[1]], sentence)


def _check_slots(name: str, sentence: str, wanted: tuple[str, ...]) -> None:
    found = _SLOT.findall(sentence)
    if sorted(found) != sorted(wanted):
        raise ValueError(f"{name} with {_braced(wanted)} (found {_braced(tuple(found))})")


def _braced(names: tuple[str, ...]) -> str:
    return ", ".join(f"{{{name}}}" for name in names) or "nothing in braces"
