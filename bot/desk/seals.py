"""The seal by which a button is known that takes a post back: for one person, one place and one post."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

from bot.messages import Person, Place, Press


def new_number() -> str:
    """A number for the receipt of a post, which nobody can guess."""
    return secrets.token_urlsafe(12)


def seal(key: bytes, person: Person, place: Place, number: str) -> str:
    """What the button of a post bears so that it is known, without being kept, who asked for it and where."""
    bound = (person.platform, person.tenant, person.id, place.platform, place.tenant, place.id, number)
    return hmac.new(key, json.dumps(bound).encode(), hashlib.sha256).hexdigest()


def fits(key: bytes, press: Press) -> bool:
    """Whether a button bears a number with the seal of the very person who pressed it, for the place where they did."""
    match press.value:
        case (number, given):
            made = seal(key, press.person, press.place, number)
            return hmac.compare_digest(made.encode(), given.encode(errors="replace"))
    return False
