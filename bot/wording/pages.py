"""The pages that Teams asks of every app: what the bot is, what it keeps, and on what terms it may be used."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.content.phrases import fill
from bot.content.topics import Content
from bot.wording.replies import contacts

STYLE = (Path(__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

LINKS = (("/", "About"), ("/privacy", "Privacy"), ("/terms", "Terms of use"))
"""Each page's path, and what it is called where the pages point at each other."""

_TEMPLATE = Environment(
    loader=PackageLoader("bot.wording"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
).get_template("page.html")


@dataclass(frozen=True)
class Passage:
    """A paragraph, with an address at its end if there is one."""

    text: str
    link: str = ""


@dataclass(frozen=True)
class Page:
    """What stands on a page."""

    path: str
    title: str
    paragraphs: tuple[Passage, ...]


def pages(content: Content) -> dict[str, str]:
    """Each page by its path, made from the content in force."""
    return {page.path: _drawn(content, page) for page in (_about(content), _privacy(content), _terms(content))}


def _drawn(content: Content, page: Page) -> str:
    name = content.phrases.about_title
    return _TEMPLATE.render(page=page, name=name, links=LINKS, style=STYLE)


def _about(content: Content) -> Page:
    phrases = content.phrases
    topics = ", ".join(topic.words.title for topic in content.topics)
    said = (fill(phrases.welcome, topic=topics), phrases.about_commands)
    return Page("/", phrases.about_title, (*map(Passage, said), *_whom_to_ask(content)))


def _privacy(content: Content) -> Page:
    phrases, own = content.phrases, content.company.privacy_page
    said = (
        phrases.privacy_kept,
        phrases.privacy_not_kept,
        phrases.privacy_posts,
        phrases.privacy_places,
        phrases.privacy_platform,
        phrases.privacy_control,
    )
    own_page = (Passage(phrases.privacy_page, own),) if own else ()
    return Page("/privacy", phrases.privacy_title, (*map(Passage, said), *_whom_to_ask(content), *own_page))


def _terms(content: Content) -> Page:
    phrases = content.phrases
    said = (
        phrases.terms_use,
        phrases.terms_answers,
        phrases.terms_advice,
        phrases.terms_names,
        phrases.terms_warranty,
    )
    return Page("/terms", phrases.terms_title, (*map(Passage, said), *_whom_to_ask(content)))


def _whom_to_ask(content: Content) -> Iterable[Passage]:
    phrases, company = content.phrases, content.company
    yield Passage(fill(phrases.run_by, company=company.name) if company.name else phrases.run_by_your_company)
    for contact in contacts(content, content.topics):
        yield Passage(fill(phrases.ask_contact, contact=contact))
