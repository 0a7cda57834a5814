"""Draws the bot's windows: what is said in them, what can be written and chosen, and what they carry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.content.phrases import Phrases
from bot.messages import Message, Note, Paragraph
from bot.platforms.slack.blocks import LABEL, Block, draw, plain_text
from bot.platforms.slack.incoming import LONGEST_QUESTION
from bot.text import cut

View = dict[str, Any]

# https://docs.slack.dev/reference/views/modal-views
TITLE, WINDOW_BLOCKS, CARRIED = 24, 100, 3000
# https://docs.slack.dev/reference/block-kit/blocks/input-block and .../composition-objects/option-object
INPUT_LABEL, OPTION_VALUE, OPTIONS = 2000, 150, 100
ASK, ANNOUNCE = "ask", "announce"
"""The kinds of windows, as their `callback_id`."""

QUESTION = "question"
"""The field into which a question is written."""

SHOWN_QUESTION = 300
"""Characters of a question that are repeated above its answer."""


def window(kind: str, title: str, blocks: list[Block], *, close: str, submit: str = "", carried: str = "") -> View:
    """A window; what it `carried` comes back with everything that is done in it."""
    view: View = {
        "type": "modal",
        "callback_id": kind,
        "title": plain_text(cut(title, TITLE)),
        "close": plain_text(cut(close, TITLE)),
        "blocks": blocks[:WINDOW_BLOCKS],
        "private_metadata": carried,
    }
    if submit:
        view["submit"] = plain_text(cut(submit, TITLE))
    return view


def asking(phrases: Phrases, language: str, message: Message, field: str) -> View:
    """A message above a field for a question; the same `field` keeps what somebody has begun to write."""
    label = phrases.ask_label
    element = {
        "type": "plain_text_input",
        "action_id": QUESTION,
        "multiline": True,
        "max_length": LONGEST_QUESTION,
    }
    blocks = [*draw(message)["blocks"], field_of(field, label, element)]
    title, submit, close = phrases.button_ask, phrases.ask_submit, phrases.ask_close
    return window(ASK, title, blocks, close=close, submit=submit, carried=language)


def waiting(phrases: Phrases, language: str, question: str) -> View:
    """That a question was heard and its answer is on its way."""
    said = Message((*asked(question), Paragraph(phrases.ask_waiting)))
    return window(ASK, phrases.button_ask, draw(said)["blocks"], close=phrases.ask_close, carried=language)


def asked(question: str) -> tuple[Note, ...]:
    """A question as it stands above its answer."""
    short = cut(question, SHOWN_QUESTION)
    return (Note(f"“{short}”"),) if short else ()


def field_of(
    name: str, label: str, element: Block, *, hint: str = "", optional: bool = False, tells: bool = False
) -> Block:
    """A field to fill in; `tells` says so as soon as something else is chosen."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain_text(cut(label, INPUT_LABEL)),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = plain_text(cut(hint, INPUT_LABEL))
    if tells:
        block["dispatch_action"] = True
    return block


def options(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """Values and their labels to choose from, as many as Slack takes."""
    fitting = [(value, cut(label, LABEL)) for value, label in pairs if len(value) <= OPTION_VALUE]
    return [{"text": plain_text(label), "value": value} for value, label in fitting[:OPTIONS]]


def inert(blocks: list[Block], mark: str = "") -> list[Block]:
    """Blocks whose buttons do nothing: they show what others will be able to press; `mark` tells previews apart."""
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory", {})):
            if "action_id" in element:
                element["action_id"] = f"shown:{mark}:{element['action_id']}"
    return blocks
