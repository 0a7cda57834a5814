"""What every command starts from: the content of the settings, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable

from threadpoolctl import threadpool_limits

from bot.answering import encoders
from bot.answering.deciding import Knowledge
from bot.cache import Cache
from bot.content.loading import load
from bot.settings import Settings


def prepared(
    settings: Settings, say: Callable[[str], object], available: Callable[[], bool] = encoders.available
) -> Knowledge:
    """The content of the settings with their encoder; says so where the default one cannot be had.

    The products behind one question are small: shared among threads, which spin while they wait, they take several
    times as long as on one core whenever another core is busy. So numpy keeps to one. Raises ContentError or
    EncoderError.
    """
    threadpool_limits(1, "blas")
    choice = settings.encoder
    if choice == Settings.encoder and not available():
        say("There is no wordllama for this platform: questions are compared by words and letters (encoder none).")
        choice = "none"
    cache = Cache(settings.cache, _teller(say))
    return Knowledge(load(settings.content, settings.contact, cache), encoders.encoder(choice, cache=cache), cache)


def _teller(say: Callable[[str], object]) -> Callable[[str], None]:
    """Says what takes its time when it is not in the cache; of the languages only that it is about to learn one."""
    told: set[str] = set()

    def tell(kind: str) -> None:
        what = kind.partition("-")[0]
        if what == "content":
            say("Reading the content: it is new, or has changed.")
        if what == "matcher" and what not in told:
            say("Learning how people ask about it: some seconds, once for each language.")
        told.add(what)

    return tell
