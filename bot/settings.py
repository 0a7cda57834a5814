"""The settings of a running bot, read once from the environment and `.env`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from platformdirs import user_cache_path

from bot.errors import SettingsError
from bot.text import GUID

LONGEST_CONTACT = 150
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SLACK_API = "https://slack.com/api/"

APP_TYPES = {"SingleTenant": ("PASSWORD", "TENANT_ID"), "UserAssignedMSI": ("TENANT_ID",), "MultiTenant": ("PASSWORD",)}
"""The types of registration that Azure knows, and what each needs besides the id."""
_FOUND = {
    "PASSWORD": "Make a client secret under Certificates & secrets of the app registration.",
    "TENANT_ID": "It is the Directory (tenant) ID on the Overview of the app registration.",
}
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,30}")


@dataclass(frozen=True)
class SlackSettings:
    """What it takes to speak to Slack: a bot token, and one way for Slack to reach the bot."""

    bot_token: str
    signing_secret: str = ""
    app_token: str = ""
    api_url: str = SLACK_API

    @property
    def socket_mode(self) -> bool:
        """Whether the bot calls Slack (Socket Mode) rather than Slack calling the bot (HTTP)."""
        return bool(self.app_token)


@dataclass(frozen=True)
class TeamsSettings:
    """What it takes to speak to Teams: the bot's registration, or nothing where nobody is checked (`auth` off)."""

    app_id: str = ""
    app_type: str = "SingleTenant"
    password: str = ""
    tenant: str = ""
    auth: bool = True


@dataclass(frozen=True)
class Settings:
    """Everything an operator can set; `content` holds the overlay folders, later ones first in force."""

    slack: SlackSettings | None = None
    teams: TeamsSettings | None = None
    database_url: str = "sqlite:///optout.db"
    host: str = "127.0.0.1"
    port: int = 3000
    log_level: str = "INFO"
    content: tuple[Path, ...] = ()
    contact: str = ""
    announcers: frozenset[str] = frozenset()
    encoder: str = "wordllama"
    cache: Path | None = None
    ca_bundle: Path | None = None

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the bot."""
        return is_loopback(self.host)


def load(environ: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """The settings from the environment, which wins, and the file `.env` of the working folder.

    Raises SettingsError with every mistake at once.
    """
    file = dotenv or Path(".env")
    try:
        written = dotenv_values(file)
    except UnicodeDecodeError as error:
        raise SettingsError([f"{file} is not UTF-8 text. Save it as UTF-8."]) from error
    live = os.environ if environ is None else environ
    given = {name: value for name, value in {**written, **live}.items() if value}
    problems: list[str] = []
    settings = Settings(
        slack=_slack(given, problems),
        teams=_teams(given, problems),
        database_url=given.get("DATABASE_URL", Settings.database_url),
        host=given.get("HOST", Settings.host).strip("[]"),
        port=_port(given.get("PORT", str(Settings.port)), problems),
        log_level=_log_level(given.get("LOG_LEVEL", Settings.log_level), problems),
        content=_folders(given.get("OPTOUT_CONTENT", ""), problems),
        contact=_contact(given.get("OPTOUT_CONTACT", ""), problems),
        announcers=_announcers(given.get("OPTOUT_ANNOUNCERS", ""), problems),
        encoder=given.get("OPTOUT_ENCODER", Settings.encoder),
        cache=Path(given.get("OPTOUT_CACHE") or user_cache_path("optout-bot", appauthor=False)).expanduser(),
        ca_bundle=_ca_bundle(given, problems),
    )
    if problems:
        raise SettingsError(problems)
    return settings


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _slack(given: Mapping[str, str], problems: list[str]) -> SlackSettings | None:
    bot, app = given.get("SLACK_BOT_TOKEN", ""), given.get("SLACK_APP_TOKEN", "")
    secret = given.get("SLACK_SIGNING_SECRET", "")
    if not (bot or secret or app):
        return None
    if not bot:
        problems.append(
            f"SLACK_BOT_TOKEN is missing, but {'SLACK_APP_TOKEN' if app else 'SLACK_SIGNING_SECRET'} is set. "
            "Set it to the Bot User OAuth Token of your Slack app (it starts with xoxb-), or unset both."
        )
    elif not bot.startswith("xoxb-"):
        problems.append("SLACK_BOT_TOKEN does not start with xoxb-. Use the Bot User OAuth Token of your Slack app.")
    if bot and not (secret or app):
        problems.append(
            "SLACK_BOT_TOKEN is set, but neither SLACK_SIGNING_SECRET (Slack calls the bot over HTTP) nor "
            "SLACK_APP_TOKEN (the bot calls Slack: Socket Mode). Set one of them, or unset SLACK_BOT_TOKEN."
        )
    if app and not app.startswith("xapp-"):
        problems.append("SLACK_APP_TOKEN does not start with xapp-. Use an App-Level Token with connections:write.")
    return SlackSettings(bot, "" if app else secret, app, _api_url(given.get("SLACK_API_URL", SLACK_API), problems))


def _teams(given: Mapping[str, str], problems: list[str]) -> TeamsSettings | None:
    app_id, kind = given.get("MICROSOFT_APP_ID", ""), given.get("MICROSOFT_APP_TYPE", "")
    password, tenant = given.get("MICROSOFT_APP_PASSWORD", ""), given.get("MICROSOFT_APP_TENANT_ID", "")
    switch = given.get("OPTOUT_TEAMS_AUTH", "on").lower()
    if switch not in ("on", "off"):
        problems.append(f"OPTOUT_TEAMS_AUTH is {switch!r}. It has to be off (for Microsoft's playground) or left out.")
    if switch == "off":
        return TeamsSettings(app_id, auth=False)
    if not (app_id or kind or password or tenant):
        return None
    if not re.fullmatch(GUID, app_id):
        problems.append(
            f"MICROSOFT_APP_ID is {'not a GUID' if app_id else 'missing, but others of its kind are set'}. "
            "Set it to the Microsoft App ID on the Configuration page of your Azure Bot, or unset all MICROSOFT_APP_…"
        )
    known = next((known for known in APP_TYPES if known.lower() == (kind or TeamsSettings.app_type).lower()), "")
    if not known:
        problems.append(f"MICROSOFT_APP_TYPE is {kind!r}. It has to be one of {', '.join(APP_TYPES)}.")
    problems += [
        f"MICROSOFT_APP_{name} is missing: a registration of the type {known} needs it. {_FOUND[name]}"
        for name in APP_TYPES.get(known, ())
        if not {"PASSWORD": password, "TENANT_ID": tenant}[name]
    ]
    return TeamsSettings(app_id, known, password, tenant)


def _api_url(url: str, problems: list[str]) -> str:
    if not _is_safe(url):
        problems.append(
            "SLACK_API_URL receives the bot's token, so it has to be an address that starts with https:// (or http:// "
            "with an address of this machine), without a user or password. Leave it out to use Slack's own."
        )
    return url if url.endswith("/") else url + "/"


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port  # reading the port checks it
    except ValueError:
        return False
    local = parts.scheme == "http" and is_loopback(host)
    return bool(host) and port != 0 and parts.username is None and (parts.scheme == "https" or local)


def _port(text: str, problems: list[str]) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 5 or int(text) > 65535:
        problems.append(f"PORT is {text[:20]!r}. It has to be a number from 0 to 65535 (0: any free port).")
        return Settings.port
    return int(text)


def _log_level(text: str, problems: list[str]) -> str:
    if text.upper() not in LOG_LEVELS:
        problems.append(f"LOG_LEVEL is {text!r}. It has to be one of {', '.join(LOG_LEVELS)}.")
    return text.upper()


def _contact(text: str, problems: list[str]) -> str:
    if len(text.strip()) > LONGEST_CONTACT:
        problems.append(f"OPTOUT_CONTACT has {len(text)} characters. It has to be {LONGEST_CONTACT} at most.")
    return text.strip()


def _announcers(text: str, problems: list[str]) -> frozenset[str]:
    ids = frozenset(
        each.lower() if re.fullmatch(GUID, each) else each  # portals write GUIDs either way
        for each in text.replace(",", " ").split()
    )
    problems += [
        f"OPTOUT_ANNOUNCERS names {each[:60]!r}, which is neither a Slack user id (U012AB3CD) nor a Microsoft Entra "
        "object id (a GUID). People learn theirs by writing “whoami” to the bot."
        for each in sorted(ids)
        if not _SLACK_USER.fullmatch(each) and not re.fullmatch(GUID, each)
    ]
    return ids


def _ca_bundle(given: Mapping[str, str], problems: list[str]) -> Path | None:
    """The certificates to trust where other programs are told so by these names; OpenSSL reads SSL_CERT_FILE itself."""
    named = given.get("REQUESTS_CA_BUNDLE") or given.get("CURL_CA_BUNDLE")
    if named and not Path(named).exists():
        problems.append(
            f"REQUESTS_CA_BUNDLE (or CURL_CA_BUNDLE) is {named!r}, where there is nothing. "
            "Set it to a file or folder of certificates, or unset it."
        )
    return Path(named) if named else None


def _folders(text: str, problems: list[str]) -> tuple[Path, ...]:
    folders = tuple(Path(os.path.expanduser(part)) for part in text.split(os.pathsep) if part)
    problems += [
        f"OPTOUT_CONTENT names {str(folder)!r}, which is not a folder. It has to be a list of folders, "
        f"separated by {os.pathsep!r}."
        for folder in folders
        if not folder.is_dir()
    ]
    return folders


def ignore_netrc() -> None:
    """Keeps `.netrc` out of every outgoing call: a password there is meant for other programs."""
    os.environ["NETRC"] = os.devnull
