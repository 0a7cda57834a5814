"""The keys by which Microsoft signs what it sends, fetched without holding anybody up.

botbuilder fetches them on the event loop, where everything waits for the answer; it keeps them in a table, and this
takes their place in it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

import aiohttp
from botframework.connector.auth import AuthenticationConstants
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor
from jwt.algorithms import RSAAlgorithm

from bot.platforms.work import Work

log = logging.getLogger(__name__)

CHANNEL = "msteams"
DAY, SOON, AGAIN = 86_400.0, 300.0, 1.0
"""Seconds after which keys are read anew: in any case; once that failed; for a key that is not among them."""

WAITING = 10.0
"""Seconds that a request waits for the key service; Teams gives up after 15 and sends it again:
https://learn.microsoft.com/microsoftteams/platform/bots/bot-basics."""


class KeysError(Exception):
    """The key service cannot be asked, so nobody can say whether a token is good."""


@dataclass(frozen=True)
class SigningKey:
    """A key, under the names that botbuilder knows."""

    public_key: Any
    endorsements: tuple[str, ...]


class Keys:
    """Knows the keys that are endorsed for Teams, fetched once for all who wait; `problem` says why it knows none."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: str,
        patience: float = WAITING,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._session, self._address, self._patience, self._now = session, address, patience, now
        self._known: dict[str, SigningKey] = {}
        self._read = self._failed = float("-inf")
        self._fetching: asyncio.Task[None] | None = None
        self._work = Work()
        self.problem = "the key service has not answered yet"

    def install(self) -> None:
        """Makes botbuilder ask here; tokens of Microsoft's emulator and of other bots find no key at all."""
        table = JwtTokenExtractor.metadataCache
        table[AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL] = self
        table[AuthenticationConstants.TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL] = _NoKeys()

    async def get(self, key_id: str) -> SigningKey:
        """The key of this name; raises PermissionError where there is none, KeysError where nobody can tell."""
        if key_id in self._known:
            self._renew()
        else:
            await self._look_for(key_id)
        return self._known[key_id]

    async def fetch(self) -> None:
        """Asks for the keys; old ones are used on when the service does not answer, without any it is a KeysError."""
        await asyncio.wait((self._begin(),))
        if not self._known:
            raise KeysError(self.problem)

    async def close(self) -> None:
        """Gives up what is being fetched, and whoever waits for it."""
        self._failed = float("inf")  # nobody asks any more
        await self._work.finish(0)

    async def _look_for(self, key_id: str) -> None:
        """Waits until a key is known; that it is none is said only by keys that were read since, or just before."""
        came = self._now()
        try:
            async with asyncio.timeout(self._patience):
                while key_id not in self._known:
                    if self._read > came - AGAIN:
                        raise PermissionError("unknown key")
                    if not self._under_way and self._now() - self._failed < AGAIN:
                        raise KeysError(self.problem or "the key service does not answer")
                    await asyncio.wait((self._begin(),))
        except TimeoutError:
            raise KeysError("the key service takes too long") from None

    def _renew(self) -> None:
        """Asks for the keys once a day, while those that are known are good for everybody."""
        if self._now() - self._read > DAY and self._now() - self._failed > SOON:
            self._begin()

    @property
    def _under_way(self) -> bool:
        return self._fetching is not None and not self._fetching.done()

    def _begin(self) -> asyncio.Task[None]:
        """The one fetch that is under way, begun now if there is none."""
        if self._fetching is None or self._fetching.done():
            self._fetching = self._work.begin(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        begun = self._now()
        try:
            async with self._session.get(self._address) as response:
                response.raise_for_status()
                keys = (await response.json(content_type=None))["jwks_uri"]
            async with self._session.get(keys) as response:
                response.raise_for_status()
                self._known = _read((await response.json(content_type=None))["keys"])
        except Exception as error:  # whatever it answers; the libraries below raise what they like
            self._failed = self._now()
            log.warning("teams.keys_failed error=%s", type(error).__name__)
            if not self._known:
                self.problem = f"the key service gives no keys ({type(error).__name__})"
        else:
            self._read, self.problem = begun, ""
            log.info("teams.keys_read keys=%d", len(self._known))


class _NoKeys:
    """Stands where botbuilder would look up keys that this bot has no use for."""

    async def get(self, key_id: str) -> SigningKey:
        raise PermissionError("not a token of Teams")


def _read(found: Any) -> dict[str, SigningKey]:
    """The RSA keys that may speak for Teams; raises LookupError where there are none."""
    keys = (key for key in found if key.get("kty") == "RSA" and CHANNEL in (key.get("endorsements") or ()))
    read = {key["kid"]: SigningKey(RSAAlgorithm.from_jwk(json.dumps(key)), tuple(key["endorsements"])) for key in keys}
    if not read:
        raise LookupError("no keys for Teams")
    return read
