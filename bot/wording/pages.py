"""The pages that Teams asks of every app: what the bot is, what it keeps, and on what terms it may be used."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from html import escape

from bot.content.loading import Content
from bot.content.phrases import fill
from bot.wording.replies import contacts

STYLE = """
:root { color-scheme: light dark; --ink: #1b2124; --ground: #f4f5f3; --surface: #fff; --accent: #0e6b62;
  --line: #d9dedb }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7ecea; --ground: #14181a; --surface: #1d2325; --accent: #6fd0c2; --line: #30393b }
}
* { box-sizing: border-box }
body { margin: 0; padding: 1.5rem 1rem 3rem; background: var(--ground); color: var(--ink); overflow-wrap: anywhere;
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif }
nav, main { max-width: 42rem; margin: 0 auto }
nav { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.25rem; margin-bottom: 1rem }
a { color: var(--accent); text-underline-offset: .15em }
nav a { padding: .625rem 0 }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none }
main { padding: 1.75rem clamp(1.25rem, 5vw, 2.25rem); background: var(--surface); border: 1px solid var(--line);
  border-radius: 16px }
h1 { margin: 0 0 1rem; font-size: 1.625rem; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance }
p { margin: 0 0 .875rem; text-wrap: pretty }
p:last-child { margin: 0 }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 3px }
"""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def pages(content: Content) -> dict[str, str]:
    """Each page by its path, made from the content in force."""
    return {path: _page(content, path, *made(content)) for path, (_, made) in _PAGES.items()}


def _about(content: Content) -> tuple[str, list[str]]:
    phrases = content.phrases
    topics = ", ".join(topic.words.title for topic in content.topics)
    said = (fill(phrases.welcome, topic=topics), phrases.about_commands)
    return phrases.about_title, [*map(_paragraph, said), *_whom_to_ask(content)]


def _privacy(content: Content) -> tuple[str, list[str]]:
    phrases, page = content.phrases, content.company.privacy_page
    said = (
        phrases.privacy_kept,
        phrases.privacy_not_kept,
        phrases.privacy_posts,
        phrases.privacy_places,
        phrases.privacy_platform,
        phrases.privacy_control,
    )
    own = [f"<p>{escape(phrases.privacy_page)} <a href={_quoted(page)}>{escape(page)}</a></p>"] if page else []
    return phrases.privacy_title, [*map(_paragraph, said), *_whom_to_ask(content), *own]


def _terms(content: Content) -> tuple[str, list[str]]:
    phrases = content.phrases
    said = (
        phrases.terms_use,
        phrases.terms_answers,
        phrases.terms_advice,
        phrases.terms_names,
        phrases.terms_warranty,
    )
    return phrases.terms_title, [*map(_paragraph, said), *_whom_to_ask(content)]


_PAGES: dict[str, tuple[str, Callable[[Content], tuple[str, list[str]]]]] = {
    "/": ("About", _about),
    "/privacy": ("Privacy", _privacy),
    "/terms": ("Terms of use", _terms),
}


def _whom_to_ask(content: Content) -> Iterable[str]:
    phrases, company = content.phrases, content.company
    yield _paragraph(fill(phrases.run_by, company=company.name) if company.name else phrases.run_by_your_company)
    for contact in contacts(content, content.topics):
        yield _paragraph(fill(phrases.ask_contact, contact=contact))


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _quoted(text: str) -> str:
    return f'"{escape(text)}"'


def _page(content: Content, path: str, title: str, paragraphs: Iterable[str]) -> str:
    name = content.phrases.about_title
    links = "\n".join(
        f'  <a href="{to}"{" aria-current=" + _quoted("page") if to == path else ""}>{escape(label)}</a>'
        for to, (label, _) in _PAGES.items()
    )
    lines = "\n".join(f"  {paragraph}" for paragraph in paragraphs)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title if title == name else f"{title} – {name}")}</title>
<style>{STYLE}</style>
</head>
<body>
<nav aria-label="Pages">
{links}
</nav>
<main>
  <h1>{escape(title)}</h1>
{lines}
</main>
</body>
</html>
"""
