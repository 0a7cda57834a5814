"""Announcements in Slack: a window to put one together, then a draft to look at, and reports with buttons."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.announcements import acts, notices, reports
from bot.announcements.acts import ACTS, Acting, Seen
from bot.announcements.copies import By, Counts, Delivery, KeptAnnouncement, who
from bot.announcements.plans import Plan
from bot.announcements.platform import Platforms
from bot.content.phrases import Phrases
from bot.desk.desk import Desk
from bot.errors import AnnouncingError
from bot.messages import Announce, Button, Buttons, Message, Note, Paragraph, Person, Place, Post, Press, Reports
from bot.platforms.slack import announcing_form as wishes
from bot.platforms.slack import modals
from bot.platforms.slack.asking import SETTLING, opened, shown
from bot.platforms.slack.blocks import Block, draw, fit, plain_text
from bot.platforms.slack.incoming import Body, SlackHeard
from bot.platforms.slack.modals import View
from bot.platforms.slack.mrkdwn import escape
from bot.platforms.slack.people import profile
from bot.platforms.slack.senders import NO_UNFURLING, Sender, Slack, twice
from bot.wording import replies

log = logging.getLogger(__name__)

ACTION = "announcing"
"""The action of an announcer's buttons, whose value is the act and the announcement's name."""

REFRESH = "refresh"
"""The button that shows how far an announcement is now, and does nothing with it."""

FORMER = {"preview": "trial", "again": "retry", "unknown": "resend"}
"""What acts were called on buttons that were posted by versions of before."""

WAITING = "One moment, please …"
NONE_WRITTEN = "There is no announcement yet. content/README.md tells how one is written."
HAVE_IT = "These places have it already, or have it coming. Duplicate makes a draft of another copy."
MORE = "And {number} more. The command “optout report” shows all of them."
IN_LANGUAGE = "This is how others will see it ({language}):"
LISTED = 5
"""Announcements that a list has a button for."""

LOOKS = 6
"""Times, half a second apart, that it is looked whether something has been done before it is shown as it is."""

TEXT = 2900
"""Characters of a list that stand in one block, which holds 3,000."""

PREVIEWS = 3
"""Languages in which a draft is shown."""


@dataclass(frozen=True)
class Card:
    """An announcement as an announcer sees it: a word on what was just done, how far it is, its places and buttons."""

    note: str
    overview: str
    platforms: Platforms
    copies: tuple[Delivery, ...]
    buttons: tuple[Button, ...]
    others: tuple[tuple[KeptAnnouncement, Counts], ...]
    """The drafts of it that other people have."""
    previews: tuple[tuple[str, Message], ...] = ()

    def busy(self, now: datetime) -> bool:
        """Whether something of it is being done right now."""
        return any(copy.state == "sending" or _is_due(copy, now) for copy in self.copies)

    def drawn(self) -> list[Block]:
        """The card as blocks, each place by the name that it has in Slack."""
        above = (*((Note(self.note),) if self.note else ()), Paragraph(self.overview))
        blocks: list[Block] = draw(Message(above))["blocks"]
        lines = [_line(self.platforms, copy) for copy in self.copies[: notices.LISTED]]
        if len(self.copies) > notices.LISTED:
            lines.append(MORE.replace("{number}", str(len(self.copies) - notices.LISTED)))
        others = [reports.others_draft(draft, counts, _named(draft.by)) for draft, counts in self.others]
        texts = (*_joined(others), *_joined(lines))
        marked = ({"type": "mrkdwn", "text": text, "verbatim": True} for text in texts)
        blocks += ({"type": "section", "text": text} for text in marked)
        blocks += draw(Message((Buttons(self.buttons),)))["blocks"]
        for language, message in self.previews:
            named = plain_text(IN_LANGUAGE.replace("{language}", language))
            blocks += [{"type": "divider"}, {"type": "context", "elements": [named]}]
            blocks += modals.inert(draw(message)["blocks"], language)
        return blocks


class Dialog:
    """What announcers do in Slack; whether somebody is one is found out each time."""

    def __init__(self, slack: Slack, desk: Desk, clock: Callable[[], datetime]) -> None:
        self._slack, self._desk, self._clock = slack, desk, clock

    async def wished(self, heard: SlackHeard, wish: Announce | Reports, way: Sender) -> None:
        """Opens the window, or shows reports, to somebody who may have it; tells others that they may not."""
        person, now, zone = heard.asked.person, self._clock(), ""
        listed = self._desk.announcers.may(person)
        if not listed or isinstance(wish, Announce):
            known = await profile(self._slack, person)
            zone, listed = known.zone, listed or known.admin
        post = await self._desk.grant(wish, person, now, admin=listed)
        if not listed:
            await way.send(post)
        elif isinstance(wish, Announce):
            await self._open(heard, wish.name, zone, post, way)
        elif card := await self._card(wish.name, person):
            await self._show(heard, card, way)
        else:
            await way.send(replace(post, message=await self._with_buttons(post.message, wish)))

    def submitted(self, heard: SlackHeard) -> tuple[Body, Plan | None]:
        """What Slack shows at once for a form that was submitted, and the plan that is to become a draft."""
        wish = wishes.read(heard.window.values if heard.window else {})
        plan = wishes.checked(self._desk.announcers, wish, heard.asked.person.tenant, self._clock())
        if isinstance(plan, Plan):
            return {"response_action": "update", "view": _notice(WAITING)}, plan
        return {"response_action": "errors", "errors": plan}, None

    async def draft(self, heard: SlackHeard, way: Sender, plan: Plan) -> None:
        """Notes a draft and shows it in the window, and again once its places are checked."""
        person = heard.asked.person
        await self._slack.pause(SETTLING)
        if not await self._may(person):
            await way.send(await self._desk.grant(Announce(), person, self._clock()))
            return
        by, phrases = By(who(person), self._clock()), self._desk.phrases()
        before = await self._desk.announcers.draft(plan.name, by.who)
        found = await self._desk.announcers.announce(plan, by, draft=True)
        left = acts.left_out(phrases, len(plan.targets) - found)
        told = f"{phrases.joined_draft if before else ''} {left}".strip()
        await self._follow(heard, plan.name, told if found else HAVE_IT, way)

    async def chosen(self, heard: SlackHeard) -> None:
        """Shows the announcement that was chosen in the form, in the language that was chosen."""
        if not heard.window or not await self._may(heard.asked.person):
            return
        wish = wishes.read(heard.window.values)
        if view := self._form(wish.name, wish.language, wish.zone):
            await shown(self._slack, heard, view, mark=heard.window.hash)

    async def act(self, heard: SlackHeard, way: Sender) -> None:
        """Does what a button says, and shows what came of it."""
        person, value = heard.asked.person, heard.asked.value if isinstance(heard.asked, Press) else ()
        act, name, note = "".join(value[:1]), "".join(value[1:2]), ""
        act = FORMER.get(act, act)
        if not await self._may(person):
            await way.send(await self._desk.grant(Announce(), person, self._clock()))
            return
        if act not in (REFRESH, *ACTS):
            return
        try:
            name = await self._desk.announcers.find(name)
            if act != REFRESH:
                note = (await acts.carry_out(act, self._acting(name, person))).said
        except AnnouncingError as error:
            note = " ".join(error.problems)
        log.info("slack.announcer_acted act=%s user=%s", act, person.id)
        await self._follow(heard, name, note, way)

    def _acting(self, name: str, person: Person) -> Acting:
        """A person who does something with an announcement, and is told in a direct message."""
        by, direct = By(who(person), self._clock()), Place("slack", person.tenant, person.id)
        return Acting(self._desk.announcers, name, by, report_to=person, me=direct)

    async def _may(self, person: Person) -> bool:
        return self._desk.announcers.may(person) or (await profile(self._slack, person)).admin

    async def _open(self, heard: SlackHeard, name: str, zone: str, otherwise: Post, way: Sender) -> None:
        """Opens the window to put an announcement together, or says what to do instead."""
        view = self._form(name, "en", zone or "UTC")
        if not view:
            await way.send(Post(Message((Paragraph(NONE_WRITTEN),))))
        elif heard.window or not heard.trigger:
            await way.send(otherwise)
        elif not await opened(self._slack, heard, view):
            await way.send(Post(replies.noted(otherwise.message, self._desk.phrases().no_window)))

    def _form(self, name: str, language: str, zone: str) -> View | None:
        known = {each: ref for ref in self._desk.content.announcements for each in (ref[1], "/".join(ref))}
        ref = known.get(name) or next(iter(self._desk.content.announcements), None)
        if not ref:
            return None
        preview = self._desk.announcers.preview(ref, language)
        return wishes.form(self._desk.content, "/".join(ref), language, zone, preview)

    async def _card(self, name: str, person: Person, note: str = "") -> Card | None:
        """The card of an announcement for a person; None for none of that name."""
        announcers, now, me = self._desk.announcers, self._clock(), who(person)
        try:
            name = await announcers.find(name)
        except AnnouncingError:
            return None
        draft, copies = await announcers.draft(name, me), await announcers.copies(name, me)
        if draft:
            copies = tuple(copy for copy in copies if copy.task == "check")
        newest = await announcers.newest(name, me)
        counts = Counts(Counter((copy.task, copy.state) for copy in copies))
        overview = reports.overview(newest, counts, now, me) if newest else f"{name} was not announced yet."
        previews = self._previews(draft, copies) if draft else ()
        others = await announcers.others_drafts(name, me)
        has_file = tuple(name.split("/")) in announcers.content.announcements
        buttons = buttoned(self._desk.phrases(), name, Seen(draft, copies, has_file))
        return Card(note, overview, announcers.platforms, copies, buttons, others, previews)

    def _previews(self, draft: KeptAnnouncement, copies: Sequence[Delivery]) -> tuple[tuple[str, Message], ...]:
        """What a draft says in each language of its places."""
        one_each = {copy.language: replace(copy, words=draft.words) for copy in copies}
        return tuple((each, notices.copy(self._desk.content, copy)) for each, copy in one_each.items())[:PREVIEWS]

    async def _with_buttons(self, message: Message, wish: Reports) -> Message:
        """A list of announcements with buttons that show the newest."""
        if wish.name:
            return message
        names = dict.fromkeys(one.name for one, _ in await self._desk.announcers.announcements())
        buttons = tuple(_refresh(name, name.partition("/")[2]) for name in list(names)[:LISTED])
        return replace(message, elements=(*message.elements, *((Buttons(buttons),) if buttons else ())))

    async def _follow(self, heard: SlackHeard, name: str, note: str, way: Sender) -> None:
        """Shows an announcement at once, and again when what was begun is done or has taken a while."""
        person = heard.asked.person
        card = await self._card(name, person, note)
        if not card:
            await way.send(Post(Message((Paragraph(note),))))
            return
        await self._show(heard, card, way)
        looks = 0
        while card.busy(self._clock()) and looks < LOOKS:
            await self._slack.pause(SETTLING)
            card, looks = await self._card(name, person, note) or card, looks + 1
        if looks:
            await self._show(heard, card, way)

    async def _show(self, heard: SlackHeard, card: Card, way: Sender) -> None:
        """Puts a card where its announcer is: into the window, in the place of the last one, or as an answer."""
        if heard.window:
            await shown(self._slack, heard, _window(card.drawn()))
        elif heard.response_url:
            to = {"replace_original": True} if isinstance(heard.asked, Press) else {"response_type": "ephemeral"}
            body = {**to, **NO_UNFURLING, "text": escape(card.overview), "blocks": fit(card.drawn())}
            await twice(lambda: self._slack.calls.respond(heard.response_url, body))
        else:
            others = (reports.others_draft(draft, counts, draft.by) for draft, counts in card.others)
            lines = [card.overview, *others, *reports.table(card.platforms, card.copies).splitlines()[1:]]
            said = notices.listing(self._desk.content, lines)
            await way.send(Post(replace(said, elements=(*said.elements, Buttons(card.buttons)))))


@dataclass
class InDialog:
    """Says a sentence in an announcer's window."""

    slack: Slack
    heard: SlackHeard

    async def send(self, post: Post) -> None:
        """Puts a post into the window."""
        await shown(self.slack, self.heard, _window(draw(post.message)["blocks"]))


def buttoned(phrases: Phrases, name: str, seen: Seen) -> tuple[Button, ...]:
    """The buttons that help with an announcement as somebody sees it; there is nothing to wait for with a draft."""
    offered = tuple(_button(phrases, act, name) for act in acts.fitting(seen))
    return offered if seen.draft else (_refresh(name), *offered)


def _refresh(name: str, label: str = "Refresh") -> Button:
    return Button(label, ACTION, (REFRESH, name))


def _button(phrases: Phrases, act: str, name: str) -> Button:
    words = acts.words(phrases, act)
    return Button(words.label, ACTION, (act, name), ACTS[act].style, words.confirm)


def _window(blocks: list[Block]) -> View:
    return modals.window(modals.ANNOUNCE, wishes.TITLE, blocks, close=wishes.CLOSE)


def _notice(text: str) -> View:
    return _window(draw(Message((Paragraph(text),)))["blocks"])


def _is_due(copy: Delivery, now: datetime) -> bool:
    """Whether a copy waits for nothing but its turn."""
    return copy.state == "pending" and (copy.not_before is None or copy.not_before <= now)


def _named(by: str) -> str:
    """Somebody of the audit by the name that Slack shows for them, if it knows them."""
    platform, id_ = by.partition(" ")[0], by.rpartition(" ")[2]
    return f"<@{id_}>" if platform == "slack" and id_.isalnum() else escape(by)


def _line(platforms: Platforms, copy: Delivery) -> str:
    """A place and how far its copy is, with the names that Slack shows for ids of its own."""
    id_ = escape(copy.place.id)
    named = {"C": f"<#{id_}>", "G": f"<#{id_}>", "U": f"<@{id_}>", "W": f"<@{id_}>"}.get(id_[:1])
    where = named if named and copy.place.platform == "slack" and id_.isalnum() else f"{escape(copy.lane)}/{id_}"
    each = "each member of " if copy.kind == "members" else ""
    why, link = reports.reason(platforms, copy), reports.link(platforms, copy)
    told = f"{reports.state(copy)}: {why}" if why else reports.state(copy)
    seen = f" <{escape(link)}|Open>" if link and copy.place.platform == "slack" else ""
    return f"{each}{where} ({escape(copy.language)}) {escape(told)}{seen}"


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """Lines in as few texts as hold them."""
    text = ""
    for line in lines:
        if text and len(text) + len(line) + 1 > TEXT:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield text
