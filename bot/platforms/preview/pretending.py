"""The pretend places of the preview, and the couriers that bring copies of announcements there and nowhere else.

What goes wrong there goes wrong with the platform's own word, so that reports read as they will.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.announcements.copies import Addressee, Delivery
from bot.announcements.dispatcher import NoLookUpError
from bot.errors import RefusedError, UnconfirmedError
from bot.messages import Message, Place, Post, Voice
from bot.platforms.preview.drawings import Drawing, Look
from bot.platforms.preview.sessions import Reply, Session

PATIENCE = 2.0
"""Seconds after which a lost answer is given up."""

ACME, LABS = "T0ACME", "T0LABS"
TENANT = "aaaaaaaa-0000-4000-8000-000000000001"


@dataclass(frozen=True)
class PretendPlace:
    """A place that exists in the preview alone; `refuses` is the platform's word for why the bot cannot post there."""

    name: str
    home: str
    place: Place
    language: str = "en"
    kind: Addressee = "channel"
    refuses: str = ""
    loses: bool = False
    """Whether the first answer to a post gets lost on its way back."""

    @property
    def platform(self) -> Look:
        """The platform that it belongs to."""
        return "slack" if self.place.platform == "slack" else "teams"

    @property
    def text(self) -> str:
        """The place as people write it."""
        return f"{self.place.platform}:{self.place.tenant}/{self.place.id}"


def _slack(name: str, workspace: str, id_: str, **how: str | bool) -> PretendPlace:
    home = {ACME: "Slack, workspace Acme", LABS: "Slack, workspace Acme Labs"}[workspace]
    return PretendPlace(name, home, Place("slack", workspace, id_), **how)  # type: ignore[arg-type]


def _teams(name: str, id_: str, **how: str | bool) -> PretendPlace:
    return PretendPlace(name, "Teams, tenant Acme", Place("teams", TENANT, id_), **how)  # type: ignore[arg-type]


PLACES: dict[str, PretendPlace] = {
    "channel": _slack("#pretend-channel", ACME, "C0PRETEND"),
    "support": _slack("#support", ACME, "C0SUPPORT", loses=True),
    "old-project": _slack("#old-project", ACME, "C0ARCHIVED", refuses="is_archived"),
    "leadership": _slack("#leadership", ACME, "C0LEADERS", refuses="not_in_channel"),
    "direct": _slack("You, in a direct message", ACME, "U0YOU", kind="person"),
    "labs": _slack("#labor", LABS, "C0LABOR", language="de"),
    "labs-news": _slack("#labs-news", LABS, "C0NEWS", refuses="restricted_action"),
    "teams-general": _teams("General", "19:general@thread.tacv2"),
    "teams-sales": _teams("Sales", "19:sales@thread.tacv2", refuses="app_not_installed"),
}
"""The pretend places by their keys; one talks to the bot in `direct` and `channel` and wherever it can be."""

YOU = PLACES["direct"].place

_KEYS = {pretend.place: key for key, pretend in PLACES.items()}

_UNKNOWN = {"slack": "channel_not_found", "teams": "app_not_installed"}
_GONE = {"slack": "message_not_found", "teams": "ActivityNotFoundInConversation"}


def key_of(place: Place) -> str:
    """The key of a pretend place; empty for any other."""
    return _KEYS.get(place, "")


def address(copy: Delivery) -> str:
    """Where a copy stands in the preview, or would if it arrived; empty for one that is not there."""
    key = key_of(copy.place)
    if key and copy.there:
        return f"/?place={key}#{copy.ref}"
    return f"/?place={key}" if key and copy.state in ("unknown", "left") else ""


class PretendCourier:
    """Brings what `say` makes of a delivery into the conversations of a session."""

    patience = PATIENCE

    def __init__(
        self,
        session: Session,
        say: Callable[[Delivery], Message],
        draw: Callable[[Message], tuple[Drawing, ...]],
        clock: Callable[[], datetime],
    ) -> None:
        self._session, self._say, self._draw, self._clock = session, say, draw, clock
        self._lost: set[str] = set()

    async def check(self, delivery: Delivery) -> str:
        """Finds out whether the bot is there."""
        self._key(delivery)
        return ""

    async def members(self, delivery: Delivery) -> tuple[Place, ...]:
        """The one who looks at the preview: nobody else is there."""
        self._key(delivery)
        return (YOU,)

    async def post(self, delivery: Delivery) -> str:
        """Puts a copy at the end of a conversation; where answers get lost, nobody hears that it arrived."""
        key = self._key(delivery)
        message, ref = self._say(delivery), self._session.next_ref()
        voice: Voice = "alone" if key == "direct" else "aloud"
        post = Post(message, "everyone", language=delivery.language)
        drawn = self._draw(message)
        self._session.add(key, Reply(ref, "", voice, self._clock(), post, drawn, announced=True))
        if PLACES[key].loses and delivery.id not in self._lost:
            self._lost.add(delivery.id)
            raise UnconfirmedError(TimeoutError.__name__)
        return ref

    async def edit(self, delivery: Delivery) -> None:
        """Puts the corrected text in the place of a copy."""
        key, message = self._key(delivery), self._say(delivery)
        line = self._session.find(key, delivery.ref)
        if not isinstance(line, Reply):
            raise RefusedError(_GONE[delivery.place.platform])
        changed = replace(line, post=replace(line.post, message=message), drawings=self._draw(message))
        self._session.change(key, changed)

    async def delete(self, delivery: Delivery) -> None:
        """Takes a copy away; one that is gone already is taken away."""
        self._session.remove(self._key(delivery), {delivery.ref})

    async def find(self, delivery: Delivery) -> str | None:
        """Nothing, as with the rights that the bot asks for."""
        raise NoLookUpError

    def _key(self, delivery: Delivery) -> str:
        """The pretend place of a delivery; raises RefusedError where the bot cannot post."""
        key = key_of(delivery.place)
        if not key:
            raise RefusedError(_UNKNOWN[delivery.place.platform])
        if PLACES[key].refuses:
            raise RefusedError(PLACES[key].refuses)
        return key
