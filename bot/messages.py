"""What goes through the middle: what people do (Question, Command, Press) and what the bot says (Message, Post)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Person:
    """Somebody on a platform; the ids are the platform's own, kept whole."""

    platform: str
    tenant: str
    id: str
    account: str = field(default="", compare=False)
    """The id by which the organisation knows them, where the platform has one of its own: Microsoft Entra's."""


@dataclass(frozen=True)
class Place:
    """Where something is said: a channel, a direct message or a thread in one of them."""

    platform: str
    tenant: str
    id: str
    thread: str = ""


@dataclass(frozen=True)
class Address:
    """Where the bot may write without having been asked: a place, what kind it is and who serves it."""

    place: Place
    kind: str
    service: str


Voice = Literal["alone", "aside", "aloud"]
"""How somebody speaks to the bot: `alone` with it (a direct message), `aside` in a shared place so that only they see
the answer (a slash command), or `aloud` in a shared place where everyone reads it (a mention)."""


@dataclass(frozen=True)
class Question:
    """Something a person wrote, free of the platform's markup; `conversation` ties it to the turns before it."""

    text: str
    person: Person
    place: Place
    conversation: str
    voice: Voice = "alone"


@dataclass(frozen=True)
class Command:
    """A word from the command table, what followed it, and the question it was written as."""

    name: str
    argument: str
    question: Question


@dataclass(frozen=True)
class Press:
    """A button pressed, with the value that the bot had put into it; untrusted until looked up."""

    action: str
    value: tuple[str, ...]
    person: Person
    place: Place
    conversation: str
    voice: Voice = "alone"
    genuine: bool = False
    """Whether the platform itself shows that the message whose button was pressed has a button with this value."""


@dataclass(frozen=True)
class Title:
    """A heading."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Steps:
    """Numbered instructions under a heading, with a remark on how to read them."""

    title: str
    items: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Link:
    """An address to open; the address itself is always readable too."""

    label: str
    url: str


@dataclass(frozen=True)
class Picture:
    """A picture at an address that the platform fetches, and what it shows in words."""

    url: str
    alt: str


@dataclass(frozen=True)
class Note:
    """Small print."""

    text: str


@dataclass(frozen=True)
class Byline:
    """Small print that names a person: `text` holds `{person}` where the platform puts the name."""

    text: str
    person: Person


@dataclass(frozen=True)
class Button:
    """Something to press: an action of the desk and the value it comes back with."""

    label: str
    action: str
    value: tuple[str, ...] = ()
    style: Literal["", "primary", "danger"] = ""
    confirm: str = ""
    """What the person is asked before it counts, on a platform that can ask."""


@dataclass(frozen=True)
class Buttons:
    """Buttons in a row, in the order of importance."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class Menu:
    """Buttons that stay folded away until somebody looks for them, beside a line that says what they are for."""

    text: str
    buttons: tuple[Button, ...]


Element = Title | Paragraph | Steps | Link | Picture | Note | Byline | Buttons | Menu


@dataclass(frozen=True)
class Citation:
    """The work that a message rests on: what it is called, who published what of it when, and where it is, if known."""

    name: str
    about: str
    url: str = ""


@dataclass(frozen=True)
class Message:
    """What is said, free of any platform: elements in reading order, and what they rest on.

    `citation` repeats what the elements say of their source, for platforms that show it in a way of their own.
    `everyone` notifies everybody who reads along, where a platform can.
    """

    elements: tuple[Element, ...]
    citation: Citation | None = None
    everyone: bool = False


def pressable(message: Message) -> list[Button]:
    """The buttons of a message in reading order."""
    return [button for e in message.elements if isinstance(e, Buttons | Menu) for button in e.buttons]


@dataclass(frozen=True)
class Offer:
    """A message that somebody can choose by its name and put into a conversation of their own."""

    name: str
    message: Message


@dataclass(frozen=True)
class Post:
    """A message on its way: to everyone in the place or to the person who asked, and what it is about.

    `subject` names what a public post shows (`steps`, `link`, entries or a refusal), so that a second one can be
    pointed at the first; it is empty for everything private. `again` posts it all the same. What is meant for the
    asker and `harmless` may be said where others read along, on a platform that cannot show it to one person alone.
    `discreet` is not said at all where it cannot reach the asker alone: nobody else is to learn that it was to be.
    `language` is that of a public post, where it is not English, and that of an announcement whose button was pressed.
    `removal` is what a button carries by which the person who caused a public post takes it back: the number of its
    receipt, and their seal.
    """

    message: Message
    to: Literal["everyone", "asker"] = "asker"
    subject: tuple[str, ...] = ()
    again: bool = False
    harmless: bool = False
    discreet: bool = False
    language: str = ""
    removal: tuple[str, ...] = ()


@dataclass(frozen=True)
class Withdraw:
    """The wish to take back a post of one's own: that of this number or, made before posts had one, about a subject."""

    number: str = ""
    subject: tuple[str, ...] = ()


@dataclass(frozen=True)
class Removal:
    """The post to take back, as its receipt says: the one at `ref` or, where it has no id, the one that was pressed."""

    place: Place
    ref: str = ""
    subject: tuple[str, ...] = ()
    receipt: int = 0


@dataclass(frozen=True)
class Remember:
    """The wish to keep the region group of the person who asked; None clears it."""

    region: str | None


@dataclass(frozen=True)
class Forget:
    """The wish to delete everything that is kept about the person who asked."""


@dataclass(frozen=True)
class Invitation:
    """The wish to let the person ask where nobody else reads it: in a window, or in the chat with the bot."""

    message: Message
    language: str = ""


@dataclass(frozen=True)
class Announce:
    """The wish of somebody who may announce to do so; `name` is that of an announcement to begin with, if any."""

    name: str = ""


@dataclass(frozen=True)
class Reports:
    """The wish of somebody who may announce to see how far announcements are: one (`name`), or all of them."""

    name: str = ""


Outcome = Post | Removal | Invitation | Announce | Reports
"""What an edge carries out."""

Effect = Post | Withdraw | Invitation | Announce | Reports | Remember | Forget
"""What the middle wants to happen; the desk keeps what concerns the ledger and hands the rest to the edge."""


@dataclass(frozen=True)
class Receipt:
    """Where a post ended up; `ref` is the platform's id of the message, empty where the platform gives none."""

    place: Place
    ref: str = ""


@dataclass(frozen=True)
class KeptReceipt:
    """A post for everyone that was asked for: where it is, what it is about, and what it showed."""

    id: int
    place: Place
    ref: str
    subject: tuple[str, ...]
    version: str
    language: str
    digest: str


@dataclass(frozen=True)
class Taken:
    """What a question, or a part of one, was taken for: an entry, or a gap in the article."""

    ref: tuple[str, str]
    kind: str
    rival: tuple[str, str] | None = None
    """What else was likeliest to be meant."""
    phrasing: str = ""
    """The content's phrasing that it came nearest to; empty where a name or the turn before decided."""


@dataclass(frozen=True)
class Turn:
    """What a conversation remembers of its last question, so that the next one can refer to it: never its words.

    All of it is the content's, so that it may be kept anywhere.
    """

    taken: tuple[Taken, ...] = ()
    offered: tuple[tuple[str, str], ...] = ()
    """The entries whose titles were offered, so that "the second one" means one of them."""
    region: str | None = None
    """The region group that the conversation named."""
    language: str = ""
    mark: str = ""
    """What a button carries to ask why this turn was answered so; with it goes what that needs to be told."""
    answered_for: str | None = None
    """The region group that was answered for, named or remembered."""
    day: str = ""
    score: float = 0.0

    @property
    def entry(self) -> tuple[str, str] | None:
        """The entry that was asked for first, whichever answered for the region."""
        return next((one.ref for one in self.taken if one.kind == "entry"), None)
