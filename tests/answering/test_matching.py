"""Matching: which entries a question could mean, in content of any size."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.answering import ridge as regression
from bot.answering.deciding import Knowledge
from bot.answering.encoders import Vectors
from bot.answering.matching import Candidate, Lexicon, Phrasing
from bot.answering.spelling import Spelling
from bot.cache import Cache
from bot.content.loading import load
from tests.answering.learnt import learnt


class Counting:
    """No meaning at all, and how many texts it was asked for."""

    name, slow = "counting", True

    def __init__(self) -> None:
        self.asked = 0

    def knows(self, word: str) -> bool:
        """Whether a word is one."""
        return word == "seating"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row for each text, the same for all."""
        self.asked += len(texts)
        return np.ones((len(texts), 1), np.float32)


def test_a_second_start_learns_nothing_and_answers_the_same(small: Path, tmp_path: Path):
    """What was learnt is read from the cache: only the question is encoded; what changes it is learnt again."""
    encoders = [Counting(), Counting(), Counting()]
    first, second = (Knowledge(load(), encoder, Cache(tmp_path)) for encoder in encoders[:2])
    overlay = tmp_path / "overlay" / "linkedin-ai-training"
    overlay.mkdir(parents=True)
    (overlay / "topic.yaml").write_text("service: LinkedOut\n")
    texts = ("how do I opt out", "are my private messages used", "who wrote the article")
    ranked = [[reader.rank(text) for text in texts] for reader in (first.reads("en"), second.reads("en"))]
    assert ranked[0] == ranked[1]
    assert encoders[1].asked == len(texts)
    Knowledge(load([overlay.parent]), encoders[2], Cache(tmp_path)).reads("en").rank(texts[0])
    assert encoders[2].asked < encoders[0].asked  # the vectors are the same, but for what is computed to make sure
    assert len(list(tmp_path.glob("matcher-*"))) == 2


def test_a_synonym_written_over_two_lines_is_one_word():
    """However its words are parted, the words that are known keep their numbers."""
    phrasings = tuple(Phrasing(text) for text in ("how do I leave", "leave the zoo", "who owns zebras"))
    candidates = [Candidate(("topic", "entry"), "entry", phrasings)]
    written = [learnt(candidates, Lexicon({key: ("leave", "quit")})) for key in ("opt out", "Opt\nout", "opt  out ")]
    for text in ("quit", "zoo", "zebras"):
        assert [matcher.rank(text) for matcher in written] == [written[0].rank(text)] * 3
        assert written[0].rank(text)[0].cover == 1


def test_a_question_that_stands_on_a_word_nobody_asks_with_is_told_by_it(knowledge: Knowledge):
    """Without football it is put as an entry is asked for; where all words are asked with nothing is strange."""
    reader = knowledge.reads("en")
    strangeness = []
    for text in ("why should I care about this", "why should I care about football"):
        best = reader.rank(text)[0]
        assert best.ref[1] == "why_it_matters"
        strangeness.append(reader.strangeness(text, best))
    assert strangeness[0] == 0.0
    assert strangeness[1] > 0.1


def test_what_nothing_is_left_to_ask_for_is_never_found():
    """A gap that is all about another topic's service has no phrasing of its own; the others are ranked as ever."""
    candidates = [Candidate(("", "a"), "not_covered", ()), Candidate(("", "b"), "entry", (Phrasing("how to stop it"),))]
    assert [match.ref for match in learnt(candidates).rank("how to stop it")] == [("", "b")]


def test_words_are_a_name_only_one_after_the_other():
    """An entry that says how to reach my settings does not know "my reach", which names something else."""
    matcher = learnt([Candidate(("", "a"), "entry", (Phrasing("how do I reach my settings"),))])
    best = matcher.rank("does my reach go down")[0]
    assert [matcher.asks_with(best, name) for name in (("my", "settings"), ("reach",), ("my", "reach"))] == [
        True,
        True,
        False,
    ]


def test_words_of_what_an_entry_is_not_are_never_what_a_misspelt_word_was_meant_to_be():
    """They exist, so they are left alone, but nobody who asks means them."""
    entry = Candidate(("", "a"), "entry", (Phrasing("they are stealing my posts"),))
    near = Candidate(("", "a"), "near_miss", (Phrasing("where is the seating plan"),))
    matcher = learnt([entry, near])
    assert matcher.terms("staeling seating seeting") == ["stealing", "seating", "seeting"]


@pytest.mark.parametrize("count", [1, regression.BLOCK, 2 * regression.BLOCK + 1])
def test_weights_give_every_text_back_to_its_owner(count: int):
    """Solved by blocks, in single precision: what numpy finds in double precision, to a thousandth."""
    random = np.random.default_rng(count)
    rows = random.normal(size=(count, 20)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    owners = np.arange(count) % 7
    square = regression.kernel(rows @ rows.T).astype(float) + regression.RIDGE * np.eye(count)
    targets = np.eye(7)[owners]
    starts = range(0, count, regression.BLOCK)
    lower = (rows[start : start + regression.BLOCK] @ rows[: start + regression.BLOCK].T for start in starts)
    found = regression.solved(lower, owners, 7)
    assert np.abs(square @ found - targets).max() < 0.001


def test_a_word_is_corrected_once_however_often_it_is_repeated():
    """What takes time is to look a word up, and a message may be one misspelt word five hundred times."""
    looked_up: list[str] = []

    def exist(word: str) -> bool:
        looked_up.append(word)
        return False

    assert Spelling(["training"], exist=exist).corrected(["trainig"] * 500) == ["training"] * 500
    assert looked_up == ["trainig"]
