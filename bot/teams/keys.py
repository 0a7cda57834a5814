"""The keys by which Microsoft signs what it sends, fetched without holding anybody up.

botbuilder fetches them on the event loop, where everything waits for the answer; it keeps them in a table, and this
takes their place in it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from typing import Any

import aiohttp
from botframework.connector.auth import AuthenticationConstants
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor
from jwt.algorithms import RSAAlgorithm

from bot.work import Work

log = logging.getLogger(__name__)

CHANNEL = "msteams"
DAY, SOON, AGAIN = 86_400.0, 300.0, 1.0
"""Seconds after which keys are read anew: in any case, for a key that is not among them, while there are none."""


class KeysError(Exception):
    """The key service cannot be asked, so nobody can say whether a token is good."""


@dataclass(frozen=True)
class Key:
    """A key, under the names that botbuilder knows."""

    public_key: Any
    endorsements: tuple[str, ...]


class Keys:
    """Knows the keys that are endorsed for Teams; `problem` says why it knows none."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session, self._address = session, address
        self._known: dict[str, Key] = {}
        self._read = self._asked = float("-inf")
        self._asking = asyncio.Lock()
        self._work = Work()
        self.problem = "the key service has not answered yet"

    def install(self) -> None:
        """Makes botbuilder ask here; tokens of Microsoft's emulator and of other bots find no key at all."""
        table = JwtTokenExtractor.metadataCache
        table[AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL] = self
        table[AuthenticationConstants.TO_BOT_FROM_EMULATOR_OPENID_METADATA_URL] = _NoKeys()

    async def get(self, key_id: str) -> Key:
        """The key of this name; raises where there is none, or where nobody can tell."""
        if key_id in self._known:
            self._renew()
        elif self._stale():
            async with self._asking:
                if self._stale():
                    await self.fetch()
        if not self._known:
            raise KeysError(self.problem)
        if key_id not in self._known:
            raise PermissionError("unknown key")
        return self._known[key_id]

    async def fetch(self) -> None:
        """Asks for the keys; old ones are used on when the service does not answer."""
        now = self._asked = _now()
        try:
            async with self._session.get(self._address) as response:
                response.raise_for_status()
                keys = (await response.json(content_type=None))["jwks_uri"]
            async with self._session.get(keys) as response:
                response.raise_for_status()
                self._known = _read((await response.json(content_type=None))["keys"])
        except Exception as error:  # whatever it answers; the libraries below raise what they like
            self._asked = _now()  # those who waited for this answer do not ask once more, each after the other
            log.warning("teams.keys_failed error=%s", type(error).__name__)
            if not self._known:
                self.problem = f"the key service gives no keys ({type(error).__name__})"
                raise KeysError(self.problem) from None
        else:
            self._read, self.problem = now, ""
            log.info("teams.keys_read keys=%d", len(self._known))

    async def close(self) -> None:
        """Gives up what is being fetched."""
        await self._work.finish(0)

    def _renew(self) -> None:
        """Asks for the keys once a day, while those that are known are good for everybody."""
        if _now() - self._read > DAY and _now() - self._asked > SOON:
            self._asked = _now()
            self._work.begin(self.fetch())

    def _stale(self) -> bool:
        """Whether to ask for a key that is not known: the service is not asked all the time."""
        return _now() - self._asked > (SOON if self._known else AGAIN)


class _NoKeys:
    """Stands where botbuilder would look up keys that this bot has no use for."""

    async def get(self, key_id: str) -> Key:
        raise PermissionError("not a token of Teams")


def _read(found: Any) -> dict[str, Key]:
    """The RSA keys that may speak for Teams; raises LookupError where there are none."""
    keys = (key for key in found if key.get("kty") == "RSA" and CHANNEL in (key.get("endorsements") or ()))
    read = {key["kid"]: Key(RSAAlgorithm.from_jwk(json.dumps(key)), tuple(key["endorsements"])) for key in keys}
    if not read:
        raise LookupError("no keys for Teams")
    return read


def _now() -> float:
    return asyncio.get_running_loop().time()
