"""The group of regions that a question is answered for, by the places that it names."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.regions import Asker
from bot.content.files import read
from bot.content.hearing import Hearing
from tests.content.test_places import GAZETTEER, GROUPS

LANGUAGES = sorted((Path(__file__).parents[2] / "content" / "languages").glob("*/hears.yaml"))
ASKER = Asker(Hearing.model_validate(read(path)[0]).asker for path in LANGUAGES)


def region(text: str) -> str | None:
    return ASKER.region(text, GAZETTEER.mentioned(text), GROUPS)


@pytest.mark.parametrize(
    "text",
    [
        "I'm in Norway",
        "Dutch office asking",
        "for my colleague in Vienna",
        "Germany, France and the UK",
        "my US colleague says it's on already, I'm in Spain",
        "My US colleague says it's already on, is that right? I'm in Spain",
        "I just joined the Frankfurt office from Boston, when does it start for people here?",
        "I live in Boston. What is the date for Germany?",
        "I'm in Norway and my manager is in the US, is it on for me?",
        "I live in Spain. Is the US rule for me?",
        "Spain here. Does the US date apply to us?",
        "Is it on in Germany? My colleague in the US already has it.",
        "I moved from Texas to Norway. Which date applies?",
        "Our HQ is in the US but the team is in Lisbon",
        "We're a US company but I work from Lisbon. Does this hit me?",
        "I'm a US citizen living in Germany",
        "The US gets it in September. When does Germany get it?",
        "Mein Kollege in den USA sagt es ist an, ich bin in Spanien",
        "what about Germany? I know the US date.",
        "I'm from Boston, our Sofia office is asking",
        "in the U.S. it is on. I'm in Spain",
        "Is it live in the US already? I live in Spain",
        "does it work in the US? we sit in Lisbon",
    ],
)
def test_an_asker_in_europe(text: str) -> None:
    """The place that the asker claims, or asks for last, decides."""
    assert region(text) == "europe"


@pytest.mark.parametrize(
    "text",
    [
        "Dubai here, are we in this too?",
        "Dubai here, are we in this too, or only in Europe?",
        "I'm in Dubai, is this only for Europe?",
        "I'm in Norway, what about Texas?",
        "I'm in Norway, asking for my colleague in Texas",
        "I'm in Norway. Is it on for my colleague in Texas?",
        "I'm German but live in Canada",
        "Is this just a European thing? I'm in India",
        "we are in Tokyo, not in the EU",
        "I relocated from Berlin to Toronto, when does it start",
        "My French colleague sits in Paris, I'm in New York",
        "Does the November date for the EU matter to me in Texas?",
        "I'm outside the EU, in Brazil",
        "I left Germany, now in Kenya",
        "what about Serbia",
    ],
)
def test_an_asker_elsewhere(text: str) -> None:
    """The same holds for every place that no group lists."""
    assert region(text) == "elsewhere"


@pytest.mark.parametrize(
    "text",
    [
        "hello there",
        "difference between Germany and the US",
        "What's the difference between us in Germany and people in the US?",
        "what is the date for Germany and the US",
        "dates for Germany, France and the US?",
        "Why is it on for Germany, but not for the US?",
        "Is it the same in Germany as in the US?",
        "how do UK and US rules differ",
        "EU vs US?",
        "I'm outside the EU",
        "non-EU member here",
        "is my data sent to the US?",
    ],
)
def test_an_undecided_asker(text: str) -> None:
    """Nobody's place, several places alike, or only a place that is ruled out: the answer is for everybody."""
    assert region(text) is None


def test_a_topic_without_regions_has_no_region() -> None:
    """Where a topic makes no difference between regions, no place decides on one."""
    text = "I'm in Norway, what about Texas?"

    assert ASKER.region(text, GAZETTEER.mentioned(text), ()) is None


@given(st.text(alphabet=st.sampled_from("US EUuk.,'&\0\u0301\u200fßİ new york guinea of the?\n"), max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever is written, one group decides or none."""
    assert region(text) in {"europe", "elsewhere", None}


@pytest.mark.parametrize(
    "text",
    [
        "is it on by default for people of the team ",
        "st. ",
        "new ",
        "republic of the ",
        "&",
        "u\u0301\u0316",
        "US? Spain. ",
    ],
    ids=ascii,
)
def test_long_texts_are_read_quickly(text: str) -> None:
    """Forty thousand characters take a moment, however hostile; the bound is generous for slow machines."""
    text = (text * 40_000)[:40_000]
    began = time.thread_time()

    ASKER.region(text, GAZETTEER.mentioned(text), GROUPS)

    assert time.thread_time() - began < 1
