"""The places that a text names, in the writings people use, and the group of regions that each belongs to."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bot.content.models import Country, RegionGroup
from bot.content.places import NOWHERE, Gazetteer, Mention, group_of

PLACES = Path(__file__).parents[2] / "content" / "places.yaml"
COUNTRIES = {
    code: Country.model_validate(country)
    for code, country in yaml.load(PLACES.read_text(encoding="utf-8"), yaml.BaseLoader).items()  # noqa: S506
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


@given(st.text(alphabet=st.sampled_from("US EUuk.,'&\0\u0301\u200fßİ new york guinea of the?\n"), max_size=80))
def test_places_stand_in_order_in_any_text(text: str) -> None:
    """Whatever is written, mentions stand in order, apart, and say what the text says."""
    mentions = GAZETTEER.mentioned(text)
    edges = [edge for mention in mentions for edge in (mention.start, mention.end)]

    assert edges == sorted(edges)
    assert all(text[mention.start : mention.end] == mention.text for mention in mentions)
