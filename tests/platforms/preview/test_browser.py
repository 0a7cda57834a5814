"""The preview in a real browser, over the shipped content: by keyboard, on a phone, light and dark."""

import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.announcements.pacing import Limits
from bot.answering.deciding import Knowledge
from bot.desk.desk import Desk
from bot.platforms.known import PLATFORMS
from bot.platforms.preview import Preview, Speed
from bot.platforms.slack import blocks
from bot.platforms.teams import cards
from bot.storage.ledger import open_ledger
from tests.conftest import NOON

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    colours.forEach((colour) => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); });
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
  };
  const light = (colour) => colour.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const texts = [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility()
    && !node.closest(".unseen") && [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
  return texts.map((node) => {
    const grounds = [];
    for (let up = node; up; up = up.parentElement) grounds.unshift(getComputedStyle(up).backgroundColor);
    const [a, b] = [light(paint(grounds)), light(paint([...grounds, getComputedStyle(node).color]))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), node.outerHTML.slice(0, 80)];
  });
}"""

SMALL = """() => [...document.querySelectorAll("button, summary, select, textarea, nav a, a.button, label.check")]
  .concat([...document.querySelectorAll("input:not([type=hidden], [type=checkbox])")])
  .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 43.9)
  .map((node) => node.outerHTML.slice(0, 80))"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    if not CHROMIUM:
        problem = "no chromium found"
        pytest.fail(problem) if os.environ.get("CI") else pytest.skip(problem)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(knowledge: Knowledge) -> AsyncIterator[str]:
    async with open_ledger("sqlite:///:memory:") as ledger:
        app = web.Application()
        speed = Speed(0.05, {name: Limits(20, 20, 20) for name in ("slack", "teams")})
        Preview(Desk(knowledge, ledger, platforms=PLATFORMS), blocks.draw, cards.draw, lambda: NOON, speed).add_routes(
            app
        )
        async with TestServer(app) as server:
            yield str(server.make_url("/"))


@dataclass
class Visit:
    """A window on the preview, with every complaint of the browser and every host it turned to."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    async def open(self, place: str = "direct") -> None:
        """Goes to a place."""
        await self.page.goto(f"{self.address}?place={place}")

    async def ask(self, text: str) -> None:
        """Types a question and sends it with Enter; returns when it has been answered."""
        before = await self.replies.count()
        await self.page.keyboard.type(text)
        await self.page.keyboard.press("Enter")
        await expect(self.replies.nth(before)).to_be_visible()

    async def act(self, name: str) -> None:
        """Presses a button of an announcement, and waits until nothing happens by itself any more."""
        await self.page.get_by_role("button", name=name, exact=True).click()
        await expect(self.page.locator("#progress")).to_be_visible()
        await expect(self.page.locator("[data-running]")).to_have_count(0)

    @property
    def totals(self) -> Locator:
        """How many copies of an announcement are how far."""
        return self.page.locator("#totals")

    @property
    def replies(self) -> Locator:
        """Everything the bot has said."""
        return self.page.locator("li.reply")

    @property
    def question(self) -> Locator:
        """Where one types."""
        return self.page.locator("#question")


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, address: str, request: pytest.FixtureRequest) -> AsyncIterator[Visit]:
    """A visit that fails when the browser complained or left this machine."""
    context = await browser.new_context(**getattr(request, "param", {}))
    context.set_default_timeout(60_000)
    visit = Visit(await context.new_page(), address)
    visit.page.on("console", lambda message: visit.complaints.append(message.text))
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("request", lambda request: visit.hosts.add(urlsplit(request.url).netloc))
    await visit.open()
    yield visit
    await context.close()
    assert visit.complaints == []
    assert visit.hosts == {urlsplit(address).netloc}


async def test_a_question_is_asked_with_the_keyboard_alone(visit: Visit):
    """One types at once, sends with Enter, hears the reply announced, and goes on typing."""
    await visit.ask("does this affect my DMs")
    await expect(visit.replies.last).to_contain_text("private messages")
    await expect(visit.page.locator("#news")).to_contain_text("private messages")
    await expect(visit.question).to_be_focused()
    await expect(visit.question).to_have_value("")
    await visit.page.keyboard.press("ArrowUp")
    await expect(visit.question).to_have_value("does this affect my DMs")


async def test_shift_and_enter_start_a_new_line(visit: Visit):
    """A question may have several lines."""
    await visit.page.keyboard.type("one")
    await visit.page.keyboard.press("Shift+Enter")
    await visit.page.keyboard.type("two")
    await expect(visit.question).to_have_value("one\ntwo")


async def test_the_first_stop_leads_to_the_question(visit: Visit):
    """The skip link is the first thing the Tab key reaches."""
    await visit.page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    await visit.page.keyboard.press("Tab")
    await expect(visit.page.get_by_role("link", name="Skip to the question")).to_be_focused()
    await visit.page.keyboard.press("Enter")
    await expect(visit.question).to_be_focused()


async def test_a_suggestion_is_asked_with_one_press(visit: Visit):
    """The chips hold the desk's own suggestions."""
    chip = visit.page.locator(".chip").first
    title = await chip.inner_text()
    await chip.click()
    await expect(visit.page.locator("[data-said]")).to_have_text(title)
    await expect(visit.replies).to_have_count(2)
    await expect(visit.question).to_be_focused()


async def test_a_button_of_a_reply_is_pressed(visit: Visit):
    """The choice of a region brings the answer for it, and the focus stays where it was."""
    await visit.ask("when does it start?")
    button = visit.replies.nth(1).locator(".message button").first
    await button.focus()
    await visit.page.keyboard.press("Enter")
    await expect(visit.replies).to_have_count(3)
    await expect(button).to_be_focused()


async def test_a_command_in_the_channel_is_posted_and_taken_back(visit: Visit):
    """Everyone sees the steps, until the folded menu removes them."""
    await visit.open("channel")
    await visit.ask("/optout steps")
    post = visit.replies.first
    await expect(post).to_contain_text("Everyone sees this")
    await expect(post.locator(".steps li")).to_have_count(6)
    await post.locator(".menu summary").click()
    await post.locator(".menu button").click()
    await expect(visit.replies).to_have_count(0)
    await expect(visit.page.locator("#news")).to_have_text("The post was taken back.")


async def test_a_mention_is_answered_in_a_thread_that_goes_on(visit: Visit):
    """The follow-up is written in the thread and answered there; the notice is for the asker alone."""
    await visit.open("channel")
    await visit.ask("@Opt-Out Bot does this affect my DMs?")
    await expect(visit.page.locator("li.reply.threaded.aloud")).to_have_count(1)
    await expect(visit.page.locator("li.reply.threaded.aside")).to_contain_text("Only visible to you")
    await visit.page.get_by_role("link", name="Reply in the thread").click()
    await expect(visit.question).to_have_value("@Opt-Out Bot ")
    await visit.ask("how do I opt out?")
    await expect(visit.page.locator("li.said.threaded")).to_have_count(1)
    await expect(visit.question).to_have_value("@Opt-Out Bot ")


async def test_the_day_is_moved(visit: Visit):
    """The bot answers as on the day that was set, and the conversation shows the change."""
    await visit.page.locator("#day summary").click()
    await visit.page.get_by_label("Answer as on this day").fill("2025-11-02")
    await visit.page.get_by_role("button", name="Set the day").click()
    await expect(visit.page.locator("#day summary")).to_have_text("Day: 2 Nov 2025")
    await expect(visit.page.locator("#day summary")).to_be_focused()
    await visit.question.focus()
    await visit.ask("when does it start?")
    await expect(visit.page.locator(".divider").last).to_have_text("2 November 2025")


async def test_the_region_is_told_to_the_bot(visit: Visit):
    """The form says `region …` in the conversation, where the bot confirms it."""
    await visit.page.locator("#where summary").click()
    await visit.page.get_by_label("Where you work").fill("Germany")
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.locator("[data-said]")).to_have_text("region Germany")
    await expect(visit.replies).to_have_count(2)


async def test_starting_over_leaves_the_welcome(visit: Visit):
    """A new conversation begins as the first one did."""
    await visit.ask("how do I opt out?")
    await visit.page.get_by_role("button", name="Start over").click()
    await expect(visit.replies).to_have_count(1)


@pytest.mark.parametrize("visit", [{"permissions": ["clipboard-read", "clipboard-write"]}], indirect=True, ids=["copy"])
async def test_what_is_sent_can_be_read_copied_and_opened(visit: Visit):
    """Blocks and card unfold to valid JSON, the same that is copied; the builder's address holds the blocks."""
    await visit.ask("how do I opt out?")
    panel = visit.replies.last.locator(".drawings")
    await expect(panel.locator("pre").first).to_be_hidden()
    await panel.locator("summary").click()
    found = []
    for platform in ("slack", "teams"):
        section = panel.locator(f"section.{platform}")
        found.append(json.loads(await section.locator("pre").inner_text()))
        await section.get_by_role("button", name="Copy").click()
        await expect(section.get_by_role("button", name="Copied")).to_be_visible()
        assert json.loads(await visit.page.evaluate("navigator.clipboard.readText()")) == found[-1]
    address = await panel.get_by_role("link", name="Block Kit Builder").get_attribute("href")
    assert json.loads(unquote(str(address).partition("#")[2])) == {"blocks": found[0]["blocks"]}
    assert found[1]["type"] == "AdaptiveCard"


async def test_the_look_is_switched_and_the_conversation_goes_on(visit: Visit):
    """Replies are drawn as in Teams, their buttons work, and folded buttons open behind three dots."""
    await visit.open("channel")
    await visit.ask("/optout steps")
    await visit.page.get_by_role("button", name="Teams").click()
    await expect(visit.page.get_by_role("button", name="Teams")).to_have_attribute("aria-pressed", "true")
    post = visit.replies.first
    await expect(post.locator(".message.teams ol li")).to_have_count(6)
    await expect(post.get_by_role("link", name="Open the setting")).to_be_visible()
    await expect(post.get_by_role("button", name="Remove it")).to_be_hidden()
    await post.locator(".dots summary").click()
    await post.get_by_role("button", name="Remove it").click()
    await expect(visit.replies).to_have_count(0)
    await visit.ask("/optout link")
    await expect(visit.page.locator(".message.teams")).to_have_count(1)


async def test_what_went_wrong_is_said_and_nothing_is_lost(visit: Visit):
    """A text that is too long stays where it is, under a reason; so does one that the program never got."""
    await visit.question.fill("x" * 40_001)
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_role("alert")).to_contain_text("up to 40,000 characters")
    await visit.page.route("**/ask", lambda route: route.abort())
    await visit.question.fill("Hello")
    await visit.page.keyboard.press("Enter")
    await expect(visit.page.get_by_role("alert")).to_contain_text("Is the program still running?")
    await expect(visit.question).to_have_value("Hello")
    assert len(visit.complaints) == 2, "the browser itself notes the two failed requests"
    visit.complaints.clear()


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], indirect=True, ids=["no JavaScript"])
async def test_it_works_without_javascript(visit: Visit):
    """Asking, pressing and unfolding are plain forms and links."""
    await visit.question.fill("when does it start?")
    await visit.page.get_by_role("button", name="Send").click()
    await expect(visit.replies).to_have_count(2)
    await visit.replies.last.locator(".message button").first.click()
    await expect(visit.replies).to_have_count(3)
    await visit.page.get_by_role("link", name="#pretend-channel").click()
    await visit.page.locator(".chip").first.click()
    await expect(visit.page.locator("li.reply.aloud")).to_have_count(1)


async def test_an_announcement_is_written_scheduled_sent_corrected_and_recalled(visit: Visit):
    """The whole way: what is typed is shown at once, and what is sent is followed without touching anything."""
    page = visit.page
    await page.get_by_role("link", name="Announcements").click()
    await page.get_by_role("link", name="Write a new one").click()
    english = page.get_by_role("group", name="English")
    await page.get_by_label("Name of the file").fill("heads-up")
    await page.get_by_label("Sender").fill("Anna")
    await english.get_by_label("Title").fill("Heads upp")
    await english.get_by_label("Text").fill("Something changes.")
    await expect(english.get_by_text("18 of 2,000 characters")).to_be_visible()
    await expect(page.locator("#shown .message.slack h3")).to_have_text("Heads upp")
    await expect(page.locator("#shown .message.teams h3")).to_have_text("Heads upp")
    await page.get_by_role("button", name="Keep it and choose places").click()
    await expect(page.get_by_role("checkbox", checked=True)).to_have_count(9)
    await visit.act("Draft it and check the places")
    await expect(visit.totals).to_have_text("9 places: 5 ready, 4 not ready")
    await expect(page.get_by_role("row", name="#leadership")).to_contain_text("invite it there")
    await visit.act("Send me a copy first")
    await page.get_by_label("Date").fill("2026-11-24")
    await page.get_by_label("Time", exact=True).fill("09:00")
    await page.get_by_label("Time zone").fill("Europe/Berlin")
    await visit.act("Schedule")
    await expect(visit.totals).to_have_text("9 places: 9 waiting")
    await page.get_by_role("button", name="Move the clock to the next due").click()
    await expect(visit.totals).to_have_text("9 places: 4 sent, 1 may have arrived, 4 failed")
    await expect(page.get_by_role("button", name="Leave")).to_be_visible()
    await page.get_by_role("button", name="Leave").focus()
    await visit.act("Leave")
    await page.get_by_role("link", name="See it in #pretend-channel").click()
    await expect(visit.replies.last.locator("h3")).to_have_text("Heads upp")
    await visit.replies.last.get_by_role("button", name="Show me how").click()
    await expect(visit.replies).to_have_count(2)
    await visit.replies.first.get_by_role("link", name="Reply in the thread").click()
    await visit.ask("does this affect my DMs?")
    await expect(page.locator("li.reply.threaded.aloud")).to_contain_text("private messages")
    await page.get_by_role("link", name="Announcements").click()
    await page.get_by_role("link", name="linkedin-ai-training/heads-up", exact=True).click()
    await page.get_by_role("link", name="Edit the words").click()
    await english.get_by_label("Title").fill("Heads up")
    await page.get_by_role("button", name="Keep it and choose places").click()
    await page.get_by_role("link", name="All announcements").click()
    await page.get_by_role("link", name="linkedin-ai-training/heads-up", exact=True).click()
    await visit.act("Correct")
    await expect(visit.totals).to_contain_text("4 corrected")
    await visit.open("channel")
    await expect(visit.replies.first.locator("h3")).to_have_text("Heads up")
    await expect(visit.replies.first).to_contain_text("Corrected on 24 November 2026.")
    await page.go_back()
    await visit.act("Recall")
    await expect(visit.totals).to_contain_text("4 recalled")
    await visit.open("channel")
    await expect(visit.replies.filter(has_text="Heads up")).to_have_count(0)


@pytest.mark.parametrize("visit", [{"java_script_enabled": False}], indirect=True, ids=["no JavaScript"])
async def test_announcing_works_without_javascript(visit: Visit):
    """Each step is a plain form, and the report is looked at again by a link."""
    page = visit.page
    await page.goto(f"{visit.address}announcements/places?name=linkedin-ai-training/launch")
    await page.get_by_role("button", name="Draft it and check the places").click()
    for act, expected in (("", "5 ready"), ("Send", "4 sent"), ("Recall", "4 recalled")):
        if act:
            await page.get_by_role("button", name=act, exact=True).click()
        while await page.get_by_role("link", name="Look again").count():
            await page.get_by_role("link", name="Look again").click()
        await expect(visit.totals).to_contain_text(expected)


async def test_what_is_wrong_takes_the_focus_and_leads_to_its_field(visit: Visit):
    """The list of mistakes is read out, and each of its links leads to where it can be mended."""
    page = visit.page
    await page.goto(f"{visit.address}announcements/write")
    await page.get_by_role("button", name="Keep it and choose places").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await page.get_by_role("link", name="sender").click()
    await page.keyboard.type("Anna")
    await expect(page.get_by_label("Sender")).to_have_value("Anna")
    await expect(page.get_by_label("Sender")).not_to_have_attribute("aria-invalid", "true")
    assert len(visit.complaints) == 1, "the browser itself notes the form that was refused"
    visit.complaints.clear()


LOOKS = {scheme: {"color_scheme": scheme, "viewport": {"width": 360, "height": 740}} for scheme in ("light", "dark")}


@pytest.mark.parametrize("visit", LOOKS.values(), indirect=True, ids=LOOKS)
@pytest.mark.parametrize("look", ["Slack", "Teams"])
@pytest.mark.parametrize(
    ("place", "text"), [("direct", "how do I opt out?"), ("channel", "/optout when does it start?")]
)
async def test_it_fits_a_phone_and_can_be_read(visit: Visit, place: str, text: str, look: str):
    """At 360 pixels nothing scrolls sideways, everything is large enough to touch and dark enough to read."""
    await visit.open(place)
    await visit.page.get_by_role("button", name=look).click()
    await visit.page.wait_for_load_state()
    await visit.question.focus()
    await visit.ask(text)
    for summary in await visit.page.locator("summary:visible").all():
        await summary.evaluate("summary => { summary.parentElement.open = true; }")
    assert await visit.page.evaluate("document.documentElement.scrollWidth") == 360
    assert await visit.page.evaluate(SMALL) == []
    contrasts = await visit.page.evaluate(CONTRASTS)
    assert [words for ratio, words in contrasts if ratio < 4.5] == []
    assert len(contrasts) > 20


@pytest.mark.parametrize("visit", LOOKS.values(), indirect=True, ids=LOOKS)
async def test_announcements_fit_a_phone_and_can_be_read(visit: Visit):
    """Every page of them, with everything unfolded."""
    name = "linkedin-ai-training/launch"
    for path in ("", f"/write?name={name}", f"/places?name={name}", f"/report?name={name}"):
        if path.startswith("/report"):
            await visit.act("Draft it and check the places")
            await visit.act("Send")
        await visit.page.goto(f"{visit.address}announcements{path}")
        for summary in await visit.page.locator("summary").all():
            await summary.evaluate("summary => { summary.parentElement.open = true; }")
        assert await visit.page.evaluate("document.documentElement.scrollWidth") == 360, path
        assert await visit.page.evaluate(SMALL) == []
        contrasts = await visit.page.evaluate(CONTRASTS)
        assert [words for ratio, words in contrasts if ratio < 4.5] == []
        assert len(contrasts) > 15


@pytest.mark.parametrize("visit", LOOKS.values(), indirect=True, ids=LOOKS)
async def test_it_follows_light_and_dark(visit: Visit, request: pytest.FixtureRequest):
    """The page takes the colours that the system prefers."""
    ground = await visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    bright = sum(int(part) for part in ground.strip("rgb()").split(",")) > 3 * 127
    assert bright == ("light" in request.node.callspec.id)
