"""The pages about, privacy and terms of use: true to the content in force, readable, and closed to foreign code."""

import base64
import hashlib
import html
import re
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot.content.models import Company, Contact
from bot.content.topics import Content
from bot.wording.pages import HEADERS, STYLE, pages
from tests.test_app import running

EVIL = '<script>alert("x")</script>'


def with_company(content: Content, company: Company) -> Content:
    return replace(content, company=company)


def words(page: str) -> str:
    """What a person reads on a page."""
    return " ".join(html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/", ("about_title", "about_commands", "run_by_your_company")),
        (
            "/privacy",
            (
                "privacy_title",
                "privacy_kept",
                "privacy_not_kept",
                "privacy_posts",
                "privacy_places",
                "privacy_platform",
                "privacy_control",
                "run_by_your_company",
            ),
        ),
        ("/terms", ("terms_title", "terms_use", "terms_answers", "terms_advice", "terms_names", "terms_warranty")),
    ],
)
def test_a_page_says_what_the_phrases_say(content: Content, path: str, names: tuple[str, ...]):
    """Each sentence can be changed by somebody who does not program."""
    page = words(pages(content)[path])
    assert [name for name in names if " ".join(getattr(content.phrases, name).split()) not in page] == []


def test_every_page_leads_to_the_others(content: Content):
    """One link for each, and the own one marked."""
    for path, page in pages(content).items():
        assert re.findall(r'<a href="(/\w*)"', page) == ["/", "/privacy", "/terms"]
        assert re.findall(r'<a href="(/\w*)" aria-current="page"', page) == [path]
        assert page.count("<h1>") == 1


def test_the_company_is_named_with_whom_to_ask_and_its_own_page(content: Content):
    """What company.yaml says stands on the pages."""
    contact = Contact(channel="#ask-privacy", mail="privacy@example.com")
    company = Company(name="Example & Sons", contact=contact, privacy_page="https://example.com/privacy?a=1&b=2")
    made = pages(with_company(content, company))
    assert all(
        "Example & Sons runs me. Whom to ask: #ask-privacy, privacy@example.com." in words(p) for p in made.values()
    )
    assert '<a href="https://example.com/privacy?a=1&amp;b=2">' in made["/privacy"]


def test_nothing_in_the_content_can_act_as_markup(content: Content):
    """Names and contacts are text, whatever is in them."""
    made = pages(with_company(content, Company(name=EVIL, contact=Contact(person=EVIL))))
    assert all("<script" not in page and page.count("&lt;script&gt;alert(") == 2 for page in made.values())


def test_the_pages_run_no_code_and_only_their_own_style(content: Content):
    """The policy allows the one style by its hash and nothing else."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in HEADERS["Content-Security-Policy"]
    for page in pages(content).values():
        assert re.findall(r"<style>(.*?)</style>", page, re.DOTALL) == [STYLE]
        assert not re.search(r"<script|\sstyle=|\son\w+=", page)


@pytest.mark.process
async def test_a_running_bot_serves_them_to_everybody(tmp_path: Path):
    """Teams' reviewers and people find them under the addresses that the app package names."""
    async with running(tmp_path, "serve") as (_, __, address), aiohttp.ClientSession() as session:
        for path, title in {"/": "Opt-Out Bot", "/privacy": "What I keep", "/terms": "Terms of use"}.items():
            async with session.get(address + path, headers={"Host": "bot.example.com"}) as response:
                assert (response.status, response.content_type) == (200, "text/html")
                assert f"<h1>{title}" in await response.text()
                assert response.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
