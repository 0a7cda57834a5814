"""Teams: activities in, cards out. `TeamsEdge` is all that the rest of the bot needs of it.

It is looked up when it is asked for: botbuilder takes a second to import, and drawing a card does not need it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.platforms.teams.edge import TeamsEdge

__all__ = ["TeamsEdge"]


def __getattr__(name: str) -> Any:
    if name != "TeamsEdge":
        raise AttributeError(name)
    from bot.platforms.teams.edge import TeamsEdge

    return TeamsEdge
