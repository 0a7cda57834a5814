"""Why an answer was given: what is told of it, to whom, and for how long."""

import pytest

from bot.answering import Knowledge


@pytest.mark.parametrize(
    ("written", "corrected"),
    [
        ("Hwo do I opt-outt, on my HPONE?", "How do I opt-out, on my Phone?"),
        ("how do I opt out of this?", "how do I opt out of this?"),
        ("don't xylophones c'est für 🎉", "don't xylophones c'est für 🎉"),
    ],
)
def test_only_misspelt_words_are_put_right(knowledge: Knowledge, written: str, corrected: str):
    """What else stands in a question stays as it was written."""
    assert knowledge.matcher.corrected(written) == corrected
