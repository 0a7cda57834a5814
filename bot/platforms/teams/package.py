"""The app package that an administrator uploads to Teams: the manifest for one registration and one host, and icons."""

from __future__ import annotations

import io
import re
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from bot.text import GUID

HERE = Path(__file__).parent
ICONS = ("color.png", "outline.png")
LONGEST_HOST = 253

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_HOST = re.compile(rf"({_LABEL}\.)+(?!\d+$){_LABEL}")


def package(app_id: str, domain: str) -> bytes:
    """The package as a zip file, the same bytes every time.

    Raises ValueError with what to do about an id or a domain that Teams would not take.
    """
    files = {"manifest.json": manifest(app_id, domain).encode()}
    files |= {name: (HERE / "icons" / name).read_bytes() for name in ICONS}
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(_entry(name), data)
    return packed.getvalue()


def manifest(app_id: str, domain: str) -> str:
    """The manifest for a registration whose bot answers at a host."""
    template = (HERE / "manifest.json").read_text(encoding="utf-8")
    return template.replace("${{APP_ID}}", registration(app_id)).replace("${{DOMAIN}}", host(domain))


def registration(app_id: str) -> str:
    """The id of a bot's registration as Teams writes it."""
    if not re.fullmatch(GUID, app_id):
        raise ValueError(
            f"{app_id!r} is no Microsoft App ID. It has 32 hexadecimal digits, such as "
            "12345678-90ab-cdef-1234-567890abcdef; copy it from the Configuration page of your Azure Bot."
        )
    return app_id.lower()


def host(domain: str) -> str:
    """The name of a host that others can reach."""
    name = domain.lower()
    if len(name) > LONGEST_HOST or not _HOST.fullmatch(name):
        raise ValueError(
            f"{domain!r} is no public host name. Give the name alone, such as bot.example.com, without https://, "
            "port or path; a name with other than Latin letters in its xn-- form."
        )
    return name


def _entry(name: str) -> ZipInfo:
    """A file of the package that says nothing of when or where it was packed."""
    entry = ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry
