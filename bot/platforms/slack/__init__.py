"""Slack: events in, blocks out. `SlackEdge` is all that the rest of the bot needs of it."""

from bot.platforms.slack.edge import SlackEdge

__all__ = ["SlackEdge"]
