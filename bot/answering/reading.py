"""How questions are read in one language: the phrasings that every entry has in it, and the words that mean nothing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice, pairwise

from bot.answering.encoders import Encoder
from bot.answering.matching import TOP, Candidate, Kind, Lexicon, Match, Matcher, Phrasing, learn
from bot.answering.services import Services
from bot.cache import NO_CACHE, Arrays, Cache, as_array, code_digest, digest, text_of
from bot.content.models import Entry, EntryQuestions, NotCovered, TopicQuestions
from bot.content.places import Mention, group_of
from bot.content.topics import Content, Language, Ref
from bot.text import OBJECT, WORD, any_of, normal, tokens

PLACE = "placename"
"""The word that stands for every named place; one that ends in its region group follows it."""

HURRIED = 0.5
"""What a word typed in a hurry counts for its language; it may be a plain word of another, as "dat" and "dos" are."""

UNKNOWN = 10
"""Unknown words of a message that are looked up as misspelt places."""

FRAME = 300
"""Characters at the end of a text in which it is looked for what only stands after a question."""

ELSEWHERE, PADDED = 14, 3
"""Phrasings of a topic for each question about anything else that is learnt beside them, and paddings for one learnt;
with more of those, few phrasings would be told from so many, and learning takes as much longer."""

CLAIM = 4
"""Words that a claim has at least; fewer leave out what it is about."""

POINTING = 20
"""Words at most of a question about what is quoted beside it or was said before; a longer one says itself what it is
about."""

# What joins two questions in any language: a comma, a colon, a dash, a plus, a number in brackets.
_MARK = r"[,:]\s+|\s+[-+&\u2013\u2014]+\s+|[,;]?\s*\(\d\)\s*"

# Somebody or a channel as people type it where nothing marks it, a bracket that holds an object, and what leads up to a
# question with one in it, as in "from @anna: …".
_HANDLE = re.compile(r"(?<![\w@#])[@#][^\W\d](?:[\w.-]*\w)?")
_BRACKET = re.compile(rf"[(\[][^()\[\]?]{{0,80}}{OBJECT}[^()\[\]?]{{0,80}}[)\]]")
_LEAD = re.compile(rf"(?:^|(?<=[.?!;]\s)|(?<=\n))[^.?!;:\n]{{0,80}}{OBJECT}[^.?!;:\n]{{0,80}}:\s+")

_PLACES = re.compile(rf"(?:\s*{PLACE}\w*)+\s*")


def legible(phrasing: str) -> str:
    """A phrasing with dots where a place may stand, for people to read."""
    return _PLACES.sub(" … ", phrasing).strip()


class Reader:
    """Everything that can be asked in one language, made ready once and then only read."""

    def __init__(
        self, content: Content, language: Language, encoder: Encoder | None = None, cache: Cache = NO_CACHE
    ) -> None:
        self.content, self.code = content, language.code
        self._language = language
        heard = language.hearing
        self._encoder, self._cache = encoder, cache
        self._locating = frozenset(word for text in heard.locating for word in tokens(text))
        self._not_places = frozenset(heard.not_places)
        self._services = Services(
            {topic.id: topic.facts.service for topic in content.topics}, encoder.knows if encoder else None
        )
        self._hurried = {short: word for word, shorts in heard.spellings.items() for short in shorts}

    @cached_property
    def joint(self) -> re.Pattern[str]:
        """What may stand between two questions in one sentence."""
        return re.compile(rf",?\s+{any_of(self._language.hearing.joints)}\s+|{_MARK}", re.IGNORECASE)

    @cached_property
    def _before(self) -> re.Pattern[str]:
        ways = any_of(self._language.hearing.before)
        return re.compile(rf"^[\s,.:;!?-]*(?:{ways}(?!\w)[\s,.:;!?-]*){{1,4}}", re.IGNORECASE)

    @cached_property
    def _after(self) -> re.Pattern[str]:
        ways = any_of(self._language.hearing.after)
        return re.compile(rf"(?<![\s,.:;!?-])[\s,.:;!?-]*(?:(?<!\w){ways}[\s,.:;!?-]{{0,9}}){{1,4}}$", re.IGNORECASE)

    @cached_property
    def _hearsay(self) -> re.Pattern[str]:
        return re.compile(rf"(?<!\w){any_of(self._language.hearing.hearsay)}(?!\w)[\s,:]*", re.IGNORECASE)

    @cached_property
    def _tagged(self) -> re.Pattern[str]:
        heard = self._language.hearing
        beside = rf"(?<!\w){any_of(heard.tagging)}(?!\w)"
        several = rf"{OBJECT}(?:[ ,&/]*(?:{any_of(heard.joints)} )?{OBJECT}){{0,20}}"
        return re.compile(rf"(?:{beside}[ ,:]*){{0,4}}{several}(?:[ ,]*{beside}){{0,4}}[ ,:]*", re.IGNORECASE)

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        """Every word of what is asked in this language."""

        def words() -> Arrays:
            return {"words": as_array("\n".join(sorted({word for text in self._texts() for word in tokens(text)})))}

        kept = self._cache.kept(f"vocabulary-{self.code}-{digest((code_digest(), self._language.digest))}", words)
        return frozenset(text_of(kept["words"]).split("\n"))

    def familiar(self, words: Iterable[str]) -> float:
        """Share of some words that stand in what is asked in this language; one typed in a hurry counts half."""
        words = [word for word in words if len(word) > 1]
        known = sum(1.0 if word in self._vocabulary else HURRIED * (word in self._hurried) for word in words)
        return known / max(len(words), 1)

    @cached_property
    def matchers(self) -> Mapping[str, Matcher]:
        """What ranks each topic's entries for a question in this language; made when it is first needed.

        Every topic has one of its own, so that no topic changes how the questions about another are read.
        """
        return {topic: self._matcher(topic) for topic in self._language.words or ("",)}

    def matcher(self, topic: str) -> Matcher:
        """What ranks a topic's entries, or those of the first topic if this language has none of it."""
        return self.matchers.get(topic) or next(iter(self.matchers.values()))

    def rank(self, text: str, topics: Collection[str] = ()) -> list[Match]:
        """What a text may mean among these topics (none: among all), likeliest first."""
        asked = [topic for topic in self.matchers if not topics or topic in topics]
        found = [match for topic in asked for match in self.matchers[topic].rank(self._addressed(text, topic))]
        best: dict[tuple[Ref, Kind], Match] = {}
        for match in sorted(found, key=lambda match: -match.score):
            best.setdefault((match.ref, match.kind), match)
        return list(best.values())[:TOP]

    def asks_with(self, match: Match, name: tuple[str, ...]) -> bool:
        """Whether a match is asked for with these words, one after the other."""
        return self.matchers[match.ref[0]].asks_with(match, name)

    def strangeness(self, text: str, match: Match) -> float:
        """How much more would speak for a match without the most telling word of the text that nothing asked has."""
        topic = match.ref[0]
        return self.matchers[topic].strangeness(self._addressed(text, topic), match)

    def is_strange(self, text: str) -> bool:
        """Whether a text has a word that nothing asked about any topic has."""
        return any(matcher.strange(text) for matcher in self.matchers.values())

    def named_gaps(self, text: str, topics: Collection[str] = ()) -> Iterator[tuple[Ref, tuple[str, ...]]]:
        """The gaps of these topics (none: of all) whose own names stand in a text, in its order, with those names."""
        for topic in topics or self.matchers:
            terms, gaps = self.matcher(topic).terms(text), self.gap_names.get(topic, {})
            for name in (*((term,) for term in terms), *pairwise(terms)):
                if name in gaps:
                    yield gaps[name], name

    def make_ready(self) -> None:
        """Makes everything that a question needs; languages are learnt one at a time, since each takes memory."""
        self.gap_names.keys()

    @property
    def is_ready(self) -> bool:
        """Whether everything that a question needs is there, so that no one who asks waits for it."""
        return "gap_names" in vars(self)

    @cached_property
    def gap_names(self) -> Mapping[str, Mapping[tuple[str, ...], Ref]]:
        """The gaps of each topic by the words that alone mean them."""
        return {
            topic: {tuple(self.matcher(topic).terms(name)): ref for name, ref in self._names(topic).items()}
            for topic in self._language.words
        }

    def services(self, text: str) -> frozenset[str]:
        """The topics whose service a text names, where there are several."""
        return self._services.named(text)

    def only_services(self, text: str) -> bool:
        """Whether a text names a service, perhaps with a place, and says nothing else."""
        named = self.services(text)
        rest = tokens(self._services.without(text, named))
        return bool(named) and all(word in self._locating or word.startswith(PLACE) for word in rest)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The places that a question names, misspelt ones too."""
        named = list(self._named_places(text))
        taken = {at for mention in named for at in range(mention.start, mention.end)}
        words = (word for word in WORD.finditer(text) if word.start() not in taken)
        for word in islice((word for word in words if not self._exists(word[0])), UNKNOWN):
            if code := self.content.gazetteer.misspelt(word[0]):
                named.append(Mention(code, word.start(), word.end(), word[0]))
        return tuple(sorted(named, key=lambda mention: mention.start))

    def _named_places(self, text: str) -> Iterator[Mention]:
        """The places that a text names, without words of this language that only look like one."""
        found = self.content.gazetteer.mentioned(text)
        return (mention for mention in found if mention.text not in self._not_places)

    def unplaced(self, text: str, mentions: Sequence[Mention] | None = None) -> str:
        """The text with each place put as one word for them all and one for its region group.

        `mentions` are given for a question; it says nothing of a group that no phrasing names.
        """
        pieces, end = [], 0
        for mention in self._named_places(text) if mentions is None else mentions:
            group = f"{PLACE}{group_of(mention.code, self.content.regions) or ''}"
            named = group if mentions is None or self._knows(group) else ""
            pieces += [text[end : mention.start], f" {PLACE} {named} "]
            end = mention.end
        return "".join((*pieces, text[end:]))

    def question(self, text: str, mentions: Sequence[Mention] | None = None) -> str:
        """What a message asks, as it is matched: places put as one word, and whom and what it only tags left out."""
        return self.untagged(self.unplaced(text, mentions))

    def untagged(self, text: str) -> str:
        """The text without the people, channels and addresses in it, and without what only goes with them.

        That is the rest of a bracket, what a colon ends, and words such as "cc", unless the text says nothing else.
        """
        text = _HANDLE.sub(lambda found: found[0] if self._vocabulary.issuperset(tokens(found[0])) else OBJECT, text)
        if OBJECT not in text:
            return text
        for tagged, least in ((_BRACKET, 1), (_LEAD, CLAIM), (self._tagged, 1)):
            rest = tagged.sub(" ", text)
            text = rest if len(tokens(rest)) >= least else text
        return text.replace(OBJECT, " ").strip()

    def unframed(self, text: str) -> str:
        """The text without what only stands before and after a question, unless it says nothing else."""
        inner = self._before.sub("", text)
        inner = inner[:-FRAME] + self._after.sub("", inner[-FRAME:])
        return inner if tokens(inner) else text

    def opens(self, text: str) -> bool:
        """Whether a text begins with a word that opens a question."""
        return not {*tokens(self.unframed(text))[:1]}.isdisjoint(self._language.hearing.openers)

    def points(self, text: str) -> bool:
        """Whether a text is a short question about something beside it, as "is this true?" is about what is quoted."""
        words = tokens(self.unframed(text))
        said = f" {' '.join(words)} "
        pointing = (normal(way) for way in self._language.hearing.pointing)
        asks = "?" in text or self.opens(text)
        return len(words) <= POINTING and asks and any(f" {way} " in said for way in pointing)

    def claimed(self, text: str) -> str:
        """What a text says that somebody says; or the text, where that is few words or who says it counts.

        "Facebook says that my posts are used" asks about Facebook.
        """
        frame, *claim = self._hearsay.split(text, maxsplit=1)
        if not claim or len(tokens(claim[0])) < CLAIM or self.services(frame) or any(self.named_gaps(frame)):
            return text
        return claim[0]

    def chosen(self, text: str, offered: Sequence[Ref]) -> Sequence[Ref] | None:
        """Which of the offered entries a text chooses, none of them if it wants none; None where it says else.

        A language without words for it has those of the first, in which it shows the titles.
        """
        said, languages = normal(self.unframed(text)), (self._language, *self.content.languages)
        heard = next((one.hearing for one in languages if one.hearing.choices), self._language.hearing)
        if said in map(normal, heard.none_of_these):
            return ()
        numbers = (number for number, ways in enumerate(heard.choices) if said in map(normal, ways))
        return next((offered[number : number + 1] for number in numbers), None)

    def only_places(self, text: str) -> bool:
        """Whether a text names a place and says nothing else."""
        words = tokens(text)
        return PLACE in words and all(word in self._locating or word.startswith(PLACE) for word in words)

    def _exists(self, written: str) -> bool:
        """Whether a word is one that people may mean as they wrote it."""
        return all(
            word in self._vocabulary or word in self._hurried or (self._encoder and self._encoder.knows(word))
            for word in tokens(written)
        )

    def _knows(self, word: str) -> bool:
        return any(matcher.spelling.knows(word) for matcher in self.matchers.values())

    def _texts(self) -> Iterator[str]:
        for words in self._language.words.values():
            for entry in words.entries:
                yield from (*entry.ask, *entry.yes, *entry.no, *entry.near)
            for gap in words.not_covered:
                yield from (*gap.ask, *gap.words)
            for name, phrases in words.synonyms.items():
                yield from (name, *phrases)
        for talk in self._language.hearing.small_talk:
            yield from talk.ask
        yield from (*self._language.hearing.before, *self._language.hearing.after)

    def _matcher(self, topic: str) -> Matcher:
        heard, words = self._language.hearing, self._language.words.get(topic)
        names, encoder = self._names(topic), self._encoder.name if self._encoder else ""
        lexicon = Lexicon(
            words.synonyms if words else {},
            tuple(names),
            self._hurried,
            frozenset(word for text in heard.negations for word in tokens(text)),
            frozenset(word for text in heard.openers for word in tokens(text)),
        )

        def learnt() -> Arrays:
            own = list(self._candidates(topic, words)) if words else []
            candidates = [*own, *self._of_no_topic(sum(len(one.phrasings) for one in own) // ELSEWHERE)]
            texts = (phrasing.text for candidate in candidates for phrasing in candidate.phrasings)
            spoken = "\n".join(sorted(self._services.spoken_of(texts)))
            name = f"{self.code}-{topic}-{encoder}"
            return {**learn(candidates, lexicon, self._encoder, self._cache, name), "spoken": as_array(spoken)}

        made_of = digest((code_digest(), self.content.digest, self._language.digest, encoder, *names))
        return Matcher(self._cache.kept(f"matcher-{self.code}-{topic}-{made_of}", learnt), lexicon, self._encoder)

    def _candidates(self, topic: str, words: TopicQuestions) -> Iterator[Candidate]:
        """What can be asked about a topic; what it does not cover and another topic is about is left to that."""
        for entry in words.entries:
            yield Candidate((topic, entry.id), "entry", tuple(self._phrasings(entry)))
            if entry.near:
                near = tuple(Phrasing(self.unplaced(text)) for text in entry.near)
                yield Candidate((topic, entry.id), "near_miss", near)
        others = self._services.others(topic)
        for gap in words.not_covered:
            asked = (gap.title, *gap.ask) if isinstance(gap, NotCovered) else gap.ask
            left = [text for text in asked if others.isdisjoint(self.services(text))]
            yield Candidate((topic, gap.id), "not_covered", tuple(Phrasing(self.unplaced(text)) for text in left))

    @cached_property
    def _unspoken(self) -> Mapping[str, frozenset[str]]:
        """For each topic the others whose services it never speaks of."""
        spoken = {topic: frozenset(matcher.spoken) for topic, matcher in self.matchers.items()}
        return {topic: self._services.others(topic) - named for topic, named in spoken.items()}

    def _addressed(self, text: str, topic: str) -> str:
        """The text as it is put to one topic: without the services of others, unless it speaks of them itself."""
        others = self._unspoken[topic] & self.services(text)
        return self._services.without(text, others) if others else text

    def _of_no_topic(self, most: int) -> Iterator[Candidate]:
        """What else people say: small talk, what pads a question, and questions that are none of the bot's business."""
        heard = self._language.hearing
        for talk in heard.small_talk:
            yield Candidate(("", talk.id), "small_talk", tuple(Phrasing(text) for text in talk.ask))
        talked = {normal(text) for talk in heard.small_talk for text in talk.ask}
        padding = [text for text in dict.fromkeys((*heard.before, *heard.after)) if normal(text) not in talked]
        yield Candidate(("", "padding"), "padding", tuple(map(Phrasing, padding[::PADDED])))
        elsewhere = dict.fromkeys(self.unplaced(text) for text in heard.elsewhere[:most])
        yield Candidate(("", "elsewhere"), "elsewhere", tuple(map(Phrasing, elsewhere)))

    def _phrasings(self, entry: EntryQuestions) -> Iterator[Phrasing]:
        titled = (entry.title, *entry.ask) if isinstance(entry, Entry) else entry.ask
        yield from (Phrasing(self.unplaced(text)) for text in titled)
        yield from (Phrasing(self.unplaced(text), "yes") for text in entry.yes)
        yield from (Phrasing(self.unplaced(text), "no") for text in entry.no)

    def _names(self, topic: str) -> Mapping[str, Ref]:
        """The names that alone mean a gap of a topic: this language's, and those of the first that are no words of it.

        What one topic does not cover may be what another is about: the name of its service means no gap.
        """
        read, said = self._language.words.get(topic), self.content.topic(topic)
        own = {name: (topic, gap.id) for gap in (read.not_covered if read else ()) for name in gap.words}
        first = {name: (topic, gap.id) for gap in (said.words.not_covered if said else ()) for name in gap.words}
        foreign = {name: ref for name, ref in first.items() if self._vocabulary.isdisjoint(tokens(name))}
        others = self._services.others(topic)
        return {name: ref for name, ref in (foreign | own).items() if others.isdisjoint(self.services(name))}
