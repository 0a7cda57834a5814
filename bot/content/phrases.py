"""Every sentence that the bot itself says, by name; the words are in `content/languages/`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.content.models import Id, Model, Sentence

_SLOT = re.compile(r"\{([a-z_]*)\}")


def _slots(*names: str) -> AfterValidator:
    """Accepts a sentence that holds these names in braces, each once, and no others."""

    def check(sentence: str) -> str:
        if sorted(_SLOT.findall(sentence)) != sorted(names):
            raise ValueError(f"text with {', '.join(f'{{{name}}}' for name in names) or 'nothing'} in braces")
        return sentence

    return AfterValidator(check)


Said = Annotated[Sentence, _slots()]
Label = Annotated[str, Field(min_length=1, max_length=75), _slots()]
Asked = Annotated[str, Field(max_length=300), _slots()]


class SmallTalkReply(Model):
    """The friendly reply to something people say that is no question."""

    id: Id
    say: Said


class Counted(Model):
    """A sentence about a number of copies or places: what is said of one, and of any other number."""

    one: Said
    other: Annotated[Sentence, _slots("number")]

    def of(self, number: int) -> str:
        """The sentence that speaks of so many."""
        return self.one if number == 1 else self.other


class CountedAt(Counted):
    """A sentence about what happens to a number of places at a time."""

    one: Annotated[Sentence, _slots("at", "zone")]
    other: Annotated[Sentence, _slots("number", "at", "zone")]


class ActWords(Model):
    """What an act on an announcement is called, what is asked before it, and what is said after it."""

    label: Label
    confirm: Asked = ""
    done: Counted
    none: Said


class ScheduleWords(ActWords):
    """The words of an act that tells the time as well."""

    done: CountedAt


class Acts(Model):
    """The words of each act on an announcement, by its id."""

    send: ActWords
    schedule: ScheduleWords
    trial: ActWords
    check: ActWords
    discard: ActWords
    cancel: ActWords
    retry: ActWords
    resend: ActWords
    leave: ActWords
    correct: ActWords
    recall: ActWords
    duplicate: ActWords


class Phrases(Model):
    """The bot's own sentences and the labels of its buttons: a file `says.yaml`."""

    in_english: Said | None = None

    yes: Said
    no: Said
    did_you_mean: Said
    unknown: Said
    unknown_suggestions: Said
    missed: Said
    covers: Annotated[Sentence, _slots("covers")]
    ask_contact: Annotated[Sentence, _slots("contact")]
    contact_note: Annotated[Sentence, _slots("contact")]
    cited: Said
    source: Annotated[Sentence, _slots("title", "author", "publisher", "published", "sections", "reviewed")]
    for_region: Annotated[Sentence, _slots("region")]
    for_country: Annotated[Sentence, _slots("region", "country")]
    ask_region: Said
    which_service: Said
    empty: Said
    apology: Said
    unconfirmed: Said
    unanswered: Said
    stale_button: Said
    why_offer: Said
    why_title: Said
    why_taken: Annotated[Sentence, _slots("title")]
    why_near: Annotated[Sentence, _slots("phrasing")]
    why_named: Said
    why_continued: Said
    why_rival: Annotated[Sentence, _slots("title")]
    why_score: Annotated[Sentence, _slots("score")]
    why_region: Annotated[Sentence, _slots("region")]
    why_no_region: Said
    why_made: Annotated[Sentence, _slots("date", "version")]
    why_gone: Said
    received: Said
    welcome: Annotated[Sentence, _slots("topic")]

    help_title: Said
    help_questions: Said
    help_commands: Said
    link_text: Annotated[Sentence, _slots("topic")]
    posted_by: Annotated[Sentence, _slots("person")]
    shared_by: Annotated[Sentence, _slots("person")]
    posted: Said
    announced_by: Annotated[Sentence, _slots("sender")]
    corrected_on: Annotated[Sentence, _slots("date")]
    ask_away: Said
    ask_label: Label
    ask_submit: Annotated[str, Field(min_length=1, max_length=24), _slots()]
    ask_close: Annotated[str, Field(min_length=1, max_length=24), _slots()]
    ask_waiting: Said
    no_window: Said
    announcement_over: Annotated[Sentence, _slots("name", "totals")]
    announce_where: Said
    no_announcements: Said
    joined_draft: Said
    left_out: Counted
    all_have_it: Said
    message_follows: Said
    more_places: Annotated[Sentence, _slots("number")]
    not_announcer: Annotated[Sentence, _slots("id")]
    whoami: Annotated[Sentence, _slots("id")]
    not_yours: Said
    cannot_remove: Said
    posted_before: Annotated[Sentence, _slots("ago")]

    region_none: Said
    region_is: Annotated[Sentence, _slots("region")]
    region_set: Annotated[Sentence, _slots("region")]
    region_cleared: Said
    privacy_title: Said
    privacy_kept: Said
    privacy_not_kept: Said
    privacy_announced: Said
    privacy_now: Annotated[Sentence, _slots("region")]
    privacy_nothing: Said
    privacy_page: Said
    forgotten: Said
    tell_privately: Said

    about_title: Said
    about_commands: Said
    run_by: Annotated[Sentence, _slots("company")]
    run_by_your_company: Said
    privacy_places: Said
    privacy_posts: Said
    privacy_platform: Said
    privacy_control: Said
    terms_title: Said
    terms_use: Said
    terms_answers: Said
    terms_advice: Said
    terms_names: Said
    terms_warranty: Said

    button_why: Label
    button_share: Label
    button_remove: Label
    button_post_again: Label
    button_steps: Label
    button_how: Label
    button_ask: Label
    button_link: Label
    button_region: Label
    button_region_clear: Label
    button_privacy: Label
    button_forget: Label

    acts: Acts

    small_talk: tuple[SmallTalkReply, ...]


def fill(sentence: str, **slots: str) -> str:
    """The sentence with each `{name}` replaced by its value; the values are never read for slots themselves."""
    return _SLOT.sub(lambda found: slots[found[1]], sentence)
