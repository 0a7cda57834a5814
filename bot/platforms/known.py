"""The platforms that announcements can go to: whoever adds one adds its line here."""

from __future__ import annotations

from bot.announcements.platform import Platforms
from bot.platforms.slack.facts import SLACK
from bot.platforms.teams.facts import TEAMS

PLATFORMS: Platforms = {"slack": SLACK, "teams": TEAMS}
"""Each platform by the name that its places carry."""
