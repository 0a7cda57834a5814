"""Who may announce, and everything that they can do with an announcement, for the terminal, Slack and the preview."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from bot.announcements import notices, reports
from bot.announcements import plans as announcing
from bot.announcements.copies import AuditLine, By, Counts, Delivery, KeptAnnouncement, Target, new_id
from bot.announcements.deliveries import Deliveries
from bot.announcements.lanes import RETENTION
from bot.announcements.plans import Plan
from bot.announcements.platform import Platforms
from bot.content.models import Announced
from bot.content.topics import POSTS, RESULT, Content, Ref
from bot.errors import AnnouncingError
from bot.messages import KeptReceipt, Message, Person, Place
from bot.storage.ledger import Ledger


class Announcers:
    """What announcers do, each act noted in the ledger with who asked for it; the running bot carries it out.

    Every method that takes a `name` takes the whole one, as `find` gives it.
    """

    def __init__(
        self, content: Content, ledger: Ledger, platforms: Platforms, ids: frozenset[str] = frozenset()
    ) -> None:
        self.content, self.platforms = content, platforms
        self._ledger, self._deliveries, self._ids = ledger, Deliveries(ledger.database), ids

    def may(self, person: Person) -> bool:
        """Whether OPTOUT_ANNOUNCERS names a person."""
        return bool({person.id, person.account} & self._ids)

    async def find(self, name: str) -> str:
        """The whole name of an announcement, of one that has no file any more as well; raises AnnouncingError."""
        if name in {announcement.name for announcement, _ in await self._deliveries.announcements()}:
            return name
        return "/".join(announcing.find(self.content, name))

    async def announce(
        self, plan: Plan, by: By, *, again: bool = False, draft: bool = False, report_to: Person | None = None
    ) -> int:
        """Notes what is to be sent, or with `draft` is to be checked first; gives how many places get it.

        A draft is that of whoever announces alone; its time and settings are those that they gave last.
        """
        words = announcing.announced(self.content, plan.ref, everyone=plan.everyone)
        announcement = self._made(plan.name, words, by, plan.due_at, plan.zone, report_to)
        return await self._deliveries.announce(announcement, plan.targets, again=again, draft=draft)

    async def send(self, name: str, at: str, zone: str, by: By, report_to: Person | None = None) -> tuple[int, int]:
        """Sends somebody's draft of that name, now or at a time; raises AnnouncingError.

        Gives how many copies that makes, and how many places are left out since they have it by now.
        """
        due = announcing.moment(at, zone, by.at)
        return await self._deliveries.send(name, due, zone, by, _told(report_to))

    async def draft(self, name: str, who: str) -> KeptAnnouncement | None:
        """Somebody's own draft of that name; None where none waits for them to send it."""
        return next((one for one, _ in await self._drafts(name) if one.by == who), None)

    async def others_drafts(self, name: str, who: str) -> tuple[tuple[KeptAnnouncement, Counts], ...]:
        """The drafts of that name that other people have."""
        return tuple((one, counts) for one, counts in await self._drafts(name) if one.by != who)

    async def newest(self, name: str, who: str) -> KeptAnnouncement | None:
        """Somebody's own draft of that name, or what was sent or is to be; None where neither is there."""
        made = [(one, counts) for one, counts in await self._deliveries.announcements() if one.name == name]
        sent = (one for one, counts in made if not reports.is_draft(counts))
        return await self.draft(name, who) or next(sent, None)

    async def check_again(self, name: str, by: By) -> int:
        """Has the places of somebody's draft checked once more; gives how many."""
        return await self._deliveries.check_again(name, by)

    async def trial(self, ref: Ref, target: Target, by: By, *, everyone: bool = False) -> str:
        """Sends one copy ahead, to see it where others will; gives the name under which it is reported."""
        return await self._try("/".join(ref), announcing.announced(self.content, ref, everyone=everyone), target, by)

    async def try_draft(self, name: str, target: Target, by: By) -> bool:
        """Sends one copy ahead with the words of somebody's draft of that name; gives whether there is one."""
        draft = await self.draft(name, by.who)
        if draft:
            await self._try(name, Announced.model_validate_json(draft.words), target, by)
        return draft is not None

    async def duplicate(self, name: str, by: By) -> int:
        """Drafts today's words of an announcement for the places that it went to last; gives how many.

        A draft that is there keeps its time and whom it notifies.
        """
        copies = [copy for copy in await self.copies(name, by.who) if copy.task != "check"]
        targets = {copy.place: Target(copy.place, copy.kind, copy.language) for copy in copies}
        ref, draft = announcing.find(self.content, name), await self.draft(name, by.who)
        due, zone = (draft.due_at, draft.zone) if draft else (by.at, "UTC")
        everyone = draft is not None and _notifies(draft.words)
        plan = Plan(ref, tuple(targets.values()), due, zone, everyone)
        return await self.announce(plan, by, again=True, draft=True) if targets else 0

    async def correct(self, name: str, other: str, by: By) -> int:
        """Puts today's words of an announcement (`other`, or its own) in the place of every copy; gives how many.

        A copy that is still to come notifies everybody where it would have; one that is there never does again.
        """
        if name.endswith((RESULT, f"/{POSTS}")):
            raise AnnouncingError([f"{name} is no announcement, so no words can be put in its place."])
        ref = announcing.find(self.content, other or name)
        quiet, loud = (
            announcing.announced(self.content, ref, by.at.date(), everyone=everyone).model_dump_json()
            for everyone in (False, True)
        )
        said = [one for one, _ in await self._deliveries.announcements() if one.name == name and one.words]
        return await self._deliveries.correct(name, quiet, by, {one.id: loud for one in said if _notifies(one.words)})

    async def correct_posts(self, topic: str, by: By) -> tuple[int, int]:
        """Has the posts about a topic edited whose entry has changed since.

        Gives how many are, and how many cannot be since the platform did not tell which messages they became.
        """
        today, version, name = by.at.date(), self.content.version, f"{topic}/{POSTS}"
        about = [one for one in await self._ledger.receipts(by.at - RETENTION) if _topic_of(one) == topic]
        changed = [
            replace(one, digest=mark, version=version)
            for one in about
            if (mark := self._mark(one, today)) not in ("", one.digest)
        ]
        posts = [
            (
                one,
                self._edited_at(one.place),
                self._made(name, notices.Corrected(subject=one.subject, corrected_on=today), by, by.at, "UTC"),
            )
            for one in changed
            if one.ref
        ]
        if posts:
            await self._deliveries.edit_posts(posts, name, by)
        return len(posts), len(changed) - len(posts)

    async def discard(self, name: str, by: By) -> int:
        """Drops somebody's draft and nothing else of that name; gives how many places it had."""
        return await self._deliveries.discard(name, by)

    async def cancel(self, name: str, by: By) -> int:
        """Stops what has not been sent, and drops the draft of whoever asks; gives how many copies."""
        return await self._deliveries.cancel(name, by)

    async def recall(self, name: str, by: By) -> int:
        """Has every copy deleted, and drops the draft of whoever asks; gives how many are deleted."""
        return await self._deliveries.recall(name, by)

    async def send_again(self, name: str, by: By, *, unknown: bool = False) -> int:
        """Tries again what failed, or with `unknown` sends again what may have arrived; gives how many copies."""
        return await self._deliveries.send_again(name, ("unknown",) if unknown else ("failed",), by)

    async def leave(self, name: str, by: By) -> int:
        """Settles that what may have arrived stays as it is; gives how many copies."""
        return await self._deliveries.leave(name, by)

    async def copies(self, name: str, who: str) -> tuple[Delivery, ...]:
        """Every copy of an announcement, and the places of somebody's own draft of it, but nobody else's."""
        return await self._deliveries.copies(name, who)

    async def announcements(self) -> Sequence[tuple[KeptAnnouncement, Counts]]:
        """Every announcement with its counts, the newest first; what senders were told is none."""
        found = await self._deliveries.announcements()
        return [(one, counts) for one, counts in found if not one.name.endswith(RESULT)]

    async def audit(self, name: str = "") -> tuple[AuditLine, ...]:
        """Who did what with an announcement, or with any, oldest first."""
        return tuple(line for line in await self._deliveries.audit() if name in ("", line.subject))

    def preview(self, ref: Ref, language: str, *, everyone: bool = False) -> Message:
        """What a copy in a language says, as it is now."""
        topic = self.content.topic(ref[0])
        if not topic:
            raise AnnouncingError([f"The topic {ref[0]!r} is not among the content any more."])
        return notices.announced(
            self.content, topic, announcing.announced(self.content, ref, everyone=everyone), language
        )

    async def _drafts(self, name: str) -> list[tuple[KeptAnnouncement, Counts]]:
        """The drafts of that name, the newest first."""
        made = await self._deliveries.announcements()
        return [(one, counts) for one, counts in made if one.name == name and reports.is_draft(counts)]

    async def _try(self, name: str, words: Announced, target: Target, by: By) -> str:
        announcement = self._made(f"{name}/trial", words, by, by.at, "UTC")
        await self._deliveries.announce(announcement, (target,), again=True)
        return announcement.name

    def _edited_at(self, place: Place) -> Place:
        """Where a message in this place is edited."""
        platform = self.platforms.get(place.platform)
        return replace(place, id=platform.conversation(place) if platform else place.id, thread="")

    def _mark(self, receipt: KeptReceipt, today: date) -> str:
        """The mark of what a post would show now."""
        return notices.digest(notices.post(self.content, receipt.subject, receipt.language, today))

    def _made(
        self,
        name: str,
        words: Announced | notices.Corrected,
        by: By,
        due: datetime,
        zone: str,
        told: Person | None = None,
    ) -> KeptAnnouncement:
        return KeptAnnouncement(
            new_id(), name, self.content.version, words.model_dump_json(), by.who, by.at, due, zone, _told(told)
        )


def _topic_of(receipt: KeptReceipt) -> str:
    """The topic that a post is about; the names of commands stand before it."""
    first, *rest = (*receipt.subject, "")
    return rest[0] if first in ("steps", "link", "share") else first


def _notifies(words: str) -> bool:
    """Whether these words of an announcement notify everybody in a channel."""
    return Announced.model_validate_json(words).everyone


def _told(person: Person | None) -> str:
    return json.dumps([person.platform, person.tenant, person.id]) if person else ""
