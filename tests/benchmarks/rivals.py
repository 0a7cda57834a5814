"""Answering engines: ours with and without an encoder, and what a user might pick instead, each as simple to ask.

`OMP_NUM_THREADS` is to be 1 before this is imported, so that all of them use one core.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.answering.encoders import encoder
from bot.answering.matching import Lexicon, Matcher, learn
from bot.cache import Cache

from .public import candidates

Ask = Callable[[str], str]
"""Gives the name of the entry that a question means most likely."""

Entries = dict[str, list[str]]


def matcher(entries: Entries, choice: str, cache: Path | None = None) -> Matcher:
    """The engine itself."""
    kept = Cache(cache)
    model = encoder(choice, cache=kept)
    learnt = kept.kept("matcher-all", lambda: learn(candidates(entries), Lexicon(), model, kept, "vectors"))
    return Matcher(learnt, encoder=model)


def engine(choice: str) -> Callable[[Entries], Ask]:
    """The engine with an encoder."""

    def made(entries: Entries) -> Ask:
        ours = matcher(entries, choice)
        return lambda text: next((match.ref[1] for match in ours.rank(text)), "")

    return made


def bm25(entries: Entries) -> Ask:
    """bm25s with its defaults: each question a document, the best one wins."""
    import bm25s

    names, texts = _flat(entries)
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords=[], show_progress=False), show_progress=False)

    def asked(text: str) -> str:
        cut = bm25s.tokenize([text], stopwords=[], show_progress=False, return_ids=False)
        return names[int(index.retrieve(cut, k=1, show_progress=False)[0][0, 0])]

    return asked


def nearest(entries: Entries) -> Ask:
    """scikit-learn's TF-IDF over words and pairs; the nearest question wins."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    names, texts = _flat(entries)
    cutter = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+")
    index = cutter.fit_transform(texts).T.tocsr()
    return lambda text: names[int((cutter.transform([text]) @ index).toarray().argmax())]


def linear(entries: Entries) -> Ask:
    """scikit-learn's TF-IDF over words and pairs with a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    names, texts = _flat(entries)
    cutter = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+")
    model = make_pipeline(cutter, LinearSVC()).fit(texts, names)
    return lambda text: str(model.predict([text])[0])


def fuzzy(entries: Entries) -> Ask:
    """rapidfuzz, as its README shows it: WRatio over all questions."""
    from rapidfuzz import fuzz, process, utils

    names, texts = _flat(entries)
    ready = [utils.default_process(text) for text in texts]

    def asked(text: str) -> str:
        found = process.extractOne(utils.default_process(text), ready, scorer=fuzz.WRatio)
        return names[found[2]] if found else ""

    return asked


OURS = {"Opt-Out Bot, wordllama": "wordllama", "Opt-Out Bot, none": "none"}

ENGINES: Mapping[str, Callable[[Entries], Ask]] = {
    **{name: engine(choice) for name, choice in OURS.items()},
    "BM25 (bm25s)": bm25,
    "TF-IDF, nearest (scikit-learn)": nearest,
    "TF-IDF, linear (scikit-learn)": linear,
    "rapidfuzz (WRatio)": fuzzy,
}


def _flat(entries: Entries) -> tuple[list[str], list[str]]:
    pairs = [(name, text) for name, texts in entries.items() for text in texts]
    return [name for name, _ in pairs], [text for _, text in pairs]
