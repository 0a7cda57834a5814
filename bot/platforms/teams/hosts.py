"""Where Microsoft's services are, and which addresses may be sent what the bot says and the token that proves it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yarl import URL

HOSTS = ("smba.trafficmanager.net",)
DOMAINS = (".botframework.com", ".teams.microsoft.com")
_NAME = re.compile(r"[a-z0-9.-]+")
"""A name and no address: the zone of an IPv6 address may end like anything."""

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Services:
    """The addresses of the key service and of the token service, and whether this machine may be a connector."""

    keys: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    login: str = "https://login.microsoftonline.com/"
    loopback: bool = False

    def trusts(self, address: object) -> bool:
        """Whether an activity's service address is Microsoft's (or, where that is allowed, this machine's)."""
        try:
            url = URL(address) if isinstance(address, str) else URL()
            host, port = url.host or "", url.port
        except ValueError:
            return False
        if url.user is not None or url.password is not None or url.query_string or url.fragment:
            return False
        if self.loopback and url.scheme in ("http", "https") and host in LOOPBACK:
            return True
        known = host in HOSTS or (host.endswith(DOMAINS) and _NAME.fullmatch(host))
        return url.scheme == "https" and port == 443 and bool(known)


PUBLIC = Services()
