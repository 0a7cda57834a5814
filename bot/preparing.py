"""What every command starts from: the content of the settings, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable

from bot import encoders
from bot.answering import Knowledge
from bot.cache import Cache
from bot.content import load
from bot.settings import Settings


def prepared(
    settings: Settings, say: Callable[[str], object], available: Callable[[], bool] = encoders.available
) -> Knowledge:
    """The content of the settings with their encoder; says so where the default one cannot be had.

    Raises ContentError or EncoderError.
    """
    choice = settings.encoder
    if choice == Settings.encoder and not available():
        say("There is no wordllama for this platform: questions are compared by words and letters (encoder none).")
        choice = "none"
    return Knowledge(load(settings.content, settings.contact), encoders.encoder(choice), Cache(settings.cache))
