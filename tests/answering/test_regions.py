"""The places that a question names, and the group of regions it is answered for."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.content.models import Country, RegionGroup
from bot.content.places import NOWHERE, Gazetteer, Mention, asker_region, group_of

REGIONS = Path(__file__).parents[2] / "content" / "regions.yaml"
COUNTRIES = {
    code: Country.model_validate(country)
    for code, country in yaml.load(REGIONS.read_text(encoding="utf-8"), yaml.BaseLoader).items()  # noqa: S506
}
GAZETTEER = Gazetteer(COUNTRIES)
ENGLISH: dict[str, str] = dict(Locale("en").territories)

EUROPE = tuple(
    re.findall(
        "[A-Z]{2}", "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
    )
)
GROUPS = (RegionGroup(id="europe", codes=(*EUROPE, "EU")), RegionGroup(id="elsewhere", codes="rest"))

WIDER = {"EU", "AFRICA", "AMERICAS", "APAC", "ASIA", "LATAM", "MIDEAST", NOWHERE}
NO_COUNTRY = set(re.findall("[A-Z]{2}", "AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ"))
"""Two-letter codes that babel has a name for and that are neither ISO's nor Kosovo's."""

US_STATES = (
    "Alabama, Alaska, Arizona, Arkansas, California, Colorado, Connecticut, Delaware, Florida, Georgia, Hawaii, Idaho, "
    "Illinois, Indiana, Iowa, Kansas, Kentucky, Louisiana, Maine, Maryland, Massachusetts, Michigan, Minnesota, "
    "Mississippi, Missouri, Montana, Nebraska, Nevada, New Hampshire, New Jersey, New Mexico, New York, "
    "North Carolina, North Dakota, Ohio, Oklahoma, Oregon, Pennsylvania, Rhode Island, South Carolina, "
    "South Dakota, Tennessee, Texas, Utah, Vermont, Virginia, Washington, West Virginia, Wisconsin, Wyoming"
)


def codes(text: str) -> list[str]:
    return [mention.code for mention in GAZETTEER.mentioned(text)]


def region(text: str) -> str | None:
    return asker_region(text, GAZETTEER.mentioned(text), GROUPS)


ONE_PLACE = {
    "I'm in Norway": "NO",
    "UK here": "GB",
    "uk here, is it on": "GB",
    "Texas": "US",
    "Dubai here, are we in this too?": "AE",
    "our Tokyo office": "JP",
    "as a French member": "FR",
    "Dutch office asking": "NL",
    "we sit in Lisbon btw": "PT",
    "Germany - same date?": "DE",
    "what is Germany's date": "DE",
    "what is Germany’s date": "DE",
    "are the Germans opted in": "DE",
    "germany-based team": "DE",
    "(GERMANY)": "DE",
    "Holland?": "NL",
    "The Netherlands": "NL",
    "the czech republic": "CZ",
    "Czechia": "CZ",
    "Türkiye": "TR",
    "turkiye": "TR",
    "we are in Turkey": "TR",
    "im in turkey": "TR",
    "I work in Georgia": "GE",
    "Chad is where I live": "TD",
    "Guinea": "GN",
    "UAE": "AE",
    "the U.A.E. office": "AE",
    "I'm Scottish": "GB",
    "from Wales": "GB",
    "England": "GB",
    "any Brits here": "GB",
    "as an English member": "GB",
    "American here": "US",
    "in the US": "US",
    "im in the us": "US",
    "US": "US",
    "US?": "US",
    "a US-based team": "US",
    "in the U.S. it is on": "US",
    "usa": "US",
    "ARE WE IN THE USA": "US",
    "IS IT ON BY DEFAULT IN THE US": "US",
    "tell US": "US",
    "NYC team": "US",
    "LA office": "US",
    "washington, d.c.": "US",
    "in Austin": "US",
    "the Phoenix site": "US",
    "sao paulo": "BR",
    "SÃO PAULO": "BR",
    "Sa\u0303o Paulo": "BR",
    "Côte d’Ivoire": "CI",
    "cote d'ivoire": "CI",
    "Bosnia & Herzegovina": "BA",
    "St Kitts and Nevis": "KN",
    "København": "DK",
    "Koebenhavn": "DK",
    "Łódź": "PL",
    "lodz": "PL",
    "jestem w Polsce": "PL",
    "pracuję w Niemczech": "DE",
    "mieszkam w Wielkiej Brytanii": "GB",
    "biuro w Warszawie": "PL",
    "Großbritannien": "GB",
    "im Vereinigten Königreich": "GB",
    "au Royaume-Uni": "GB",
    "aux États-Unis": "US",
    "in den Vereinigten Staaten": "US",
    "en EE.UU.": "US",
    "en España": "ES",
    "i Storbritannien": "GB",
    "nella Svizzera": "CH",
    "j'habite en Suisse": "CH",
    "Zuerich": "CH",
    "in Österreich": "AT",
    "ich wohne in Oesterreich": "AT",
    "Deutschland": "DE",
    "l'Italie": "IT",
    "in Nice": "FR",
    "our Sofia office": "BG",
    "Reading UK": "GB",
    "in Cork": "IE",
    "I am Polish": "PL",
    "Isle of Man": "IM",
    "Jersey": "JE",
    "Reunion Island": "RE",
    "hong kong": "HK",
    "Kosovo": "XK",
    "the EU": "EU",
    "EU members": "EU",
    "im in the eu": "EU",
    "WHAT ABOUT THE EU": "EU",
    "EU?": "EU",
    "Europe": "EU",
    "European users": "EU",
    "the EEA": "EU",
    "dans l'UE": "EU",
    "Union européenne": "EU",
    "the Nordics": "EU",
    "the DACH region": "EU",
    "Latin America": "LATAM",
    "APAC": "APAC",
    "Asia-Pacific": "APAC",
    "Southeast Asia": "ASIA",
    "an African office": "AFRICA",
    "the Middle East": "MIDEAST",
    "\0Norway\0": "NO",
    "\u200fألمانيا Norway": "NO",
    "Norway🇳🇴": "NO",
}

LONGEST = {
    "South Africa": ["ZA"],
    "Central African Republic": ["CF"],
    "New Mexico": ["US"],
    "Mexico": ["MX"],
    "New York": ["US"],
    "York": ["GB"],
    "New Jersey": ["US"],
    "Northern Ireland": ["GB"],
    "Republic of Ireland": ["IE"],
    "North Korea": ["KP"],
    "South Korea": ["KR"],
    "Guinea-Bissau": ["GW"],
    "Equatorial Guinea": ["GQ"],
    "Papua New Guinea": ["PG"],
    "South Georgia": ["GS"],
    "South Sudan": ["SS"],
    "American Samoa": ["AS"],
    "US Virgin Islands": ["VI"],
    "British Virgin Islands": ["VG"],
    "British Columbia": ["CA"],
    "West Virginia": ["US"],
    "French Guiana": ["GF"],
    "El Salvador": ["SV"],
    "Dominican Republic": ["DO"],
    "Democratic Republic of the Congo": ["CD"],
    "Republic of the Congo": ["CG"],
    "Porto Alegre": ["BR"],
    "South America": ["LATAM"],
    "North America": ["AMERICAS"],
    "London, Ontario": ["CA"],
    "Paris, Texas": ["US"],
    "Atlanta, Georgia": ["US"],
    "Germany and France": ["DE", "FR"],
    "Germany, France & the UK": ["DE", "FR", "GB"],
    "EU/EEA, Switzerland": ["EU", "EU", "CH"],
}

NO_PLACE = (
    "is it on",
    "IS IT ON BY DEFAULT",
    "NO IDEA WHAT IT IS",
    "no",
    "it",
    "in",
    "tell us how",
    "us",
    "TELL US WHAT TO DO",
    "LET US OPT OUT",
    "can you polish my profile",
    "Polish my headline",
    "a turkey sandwich",
    "jordan said hi",
    "chad told me about it",
    "are we guinea pigs for their AI",
    "Guinea pigs again",
    "I asked IT about this",
    "our IT department",
    "be at my desk",
    "de quoi parle-t-on",
    "j'ai eu un message",
    "so nice of you",
    "Nice, thanks",
    "I am reading this",
    "on mobile",
    "the Bath",
    "my man",
    "a class reunion",
    "male or female",
    "an island",
    "the jersey I bought",
    "Victoria from HR",
    "Sofia from HR said so",
    "a buffalo",
    "orange",
    "cómo me quito de esto",
    "can I read this in German",
    "do you speak French",
    "the Spanish version",
    "in plain English",
    "the EU AI Act",
    "LinkedIn Ireland",
    "Germanic",
    "Usable",
    "eustress",
    "parishes",
    "",
    "\0",
    "???",
)


@pytest.mark.parametrize(("text", "code"), ONE_PLACE.items(), ids=ascii)
def test_a_place_is_found(text: str, code: str) -> None:
    """Names, cities, people and abbreviations mean their country, in the writings people use."""
    assert codes(text) == [code]


@pytest.mark.parametrize(("text", "expected"), LONGEST.items(), ids=ascii)
def test_the_longest_name_wins(text: str, expected: list[str]) -> None:
    """A name inside a longer name is not a place of its own."""
    assert codes(text) == expected


@pytest.mark.parametrize("text", NO_PLACE, ids=ascii)
def test_ordinary_words_are_no_place(text: str) -> None:
    """Pronouns, first names, languages and other words that look like places are left alone."""
    assert codes(text) == []


@pytest.mark.parametrize("state", re.split(", ", US_STATES))
def test_every_us_state_is_known(state: str) -> None:
    """A state is the United States, but for the one that is a country too."""
    assert codes(f"I'm in {state}") == ["GE" if state == "Georgia" else "US"]


def test_a_mention_says_where_it_stands() -> None:
    """Mentions come in order, with the very text they stand for."""
    text = "From the U.S. to München’s office"

    assert GAZETTEER.mentioned(text) == (Mention("US", 9, 13, "U.S."), Mention("DE", 17, 24, "München"))


def test_the_codes_are_those_of_iso_and_ours() -> None:
    """Every country has an entry, and nothing else but the wider areas has one."""
    known = {code for code in ENGLISH if len(code) == 2} - NO_COUNTRY

    assert set(COUNTRIES) == known | WIDER
    assert len(known) == 250


@pytest.mark.parametrize("code", sorted(set(COUNTRIES) - WIDER))
def test_a_country_is_found_by_its_english_name(code: str) -> None:
    """The name that English gives a country is the country's."""
    assert codes(ENGLISH[code])[0] == code


@pytest.mark.parametrize("code", sorted(COUNTRIES))
def test_every_name_means_its_own_code(code: str) -> None:
    """No name belongs to two codes, and none is hidden by another."""
    wrong = defaultdict(list)
    for name in (*COUNTRIES[code].names, *COUNTRIES[code].exact):
        if codes(f"ok {name}, then") != ([] if code == NOWHERE else [code]):
            wrong[name] = codes(f"ok {name}, then")

    assert COUNTRIES[code].names
    assert not wrong


@pytest.mark.parametrize(
    ("code", "group"),
    [
        ("DE", "europe"),
        ("GB", "europe"),
        ("NO", "europe"),
        ("CH", "europe"),
        ("EU", "europe"),
        ("US", "elsewhere"),
        ("TR", "elsewhere"),
        ("UA", "elsewhere"),
        ("RS", "elsewhere"),
        ("ASIA", "elsewhere"),
    ],
)
def test_a_code_belongs_to_the_group_that_lists_it(code: str, group: str) -> None:
    """A code is in the group that lists it, else in the rest, wherever the rest is written."""
    assert group_of(code, GROUPS) == group_of(code, GROUPS[::-1]) == group


def test_a_code_may_belong_to_no_group() -> None:
    """Without a group for the rest, what is not listed has none."""
    assert group_of("US", GROUPS[:1]) is None
    assert group_of("US", ()) is None


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

    assert asker_region(text, GAZETTEER.mentioned(text), ()) is None


@given(st.text(alphabet=st.sampled_from("US EUuk.,'&\0\u0301\u200fßİ new york guinea of the?\n"), max_size=80))
def test_any_text_can_be_read(text: str) -> None:
    """Whatever is written, mentions stand in order, apart, and say what the text says."""
    mentions = GAZETTEER.mentioned(text)
    edges = [edge for mention in mentions for edge in (mention.start, mention.end)]

    assert edges == sorted(edges)
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)
    assert asker_region(text, mentions, GROUPS) in {"europe", "elsewhere", None}


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

    asker_region(text, GAZETTEER.mentioned(text), GROUPS)

    assert time.thread_time() - began < 1
