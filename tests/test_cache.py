"""The cache: what was computed once is not computed again, and what is damaged, old or strange is never trusted."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering.encoders import Vectors
from bot.cache import MOST_FILES, Cache, digest, vectors

TEXTS = ("opt out", "turn it off", "who owns LinkedIn")


class Lengths:
    """An encoder that knows how long a text is, and remembers what it was given."""

    def __init__(self, width: int = 2) -> None:
        self.asked: list[str] = []
        self._width = width

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """A row for each text."""
        self.asked += texts
        return np.array([[len(text)] * self._width for text in texts], np.float32)


def computed(cache: Cache, texts: Sequence[str] = TEXTS) -> list[str]:
    """The texts whose vectors had to be computed; all of them come out right."""
    encode = Lengths()
    found = vectors(cache, "lengths", texts, encode)
    assert found.tolist() == [[len(text)] * 2 for text in texts]
    return encode.asked


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def file(folder: Path) -> Path:
    """What a first start kept."""
    path = folder / "vectors-lengths.npz"
    path.unlink(missing_ok=True)
    assert computed(Cache(folder)) == list(TEXTS)
    return path


def test_a_second_start_computes_nothing(file: Path):
    """But for the first text, to see that the file is the encoder's; in any order, too."""
    assert computed(Cache(file.parent)) == [TEXTS[0]]
    assert computed(Cache(file.parent), TEXTS[::-1]) == [TEXTS[-1]]


def test_a_changed_phrasing_computes_only_that_one(file: Path):
    """The rest is read; afterwards the new one is as well."""
    changed = (TEXTS[0], "switch it off", TEXTS[2])
    assert computed(Cache(file.parent), changed) == [TEXTS[0], "switch it off"]
    assert computed(Cache(file.parent), changed) == [TEXTS[0]]


def test_the_same_phrasing_twice_is_computed_once(file: Path):
    """Two entries may be asked for alike in two topics."""
    assert computed(Cache(file.parent), (*TEXTS, "new", "new")) == [TEXTS[0], "new"]


def archive(**arrays: np.ndarray) -> bytes:
    written = io.BytesIO()
    np.savez(written, **arrays)
    return written.getvalue()


def strange(*, keys: object = None, rows: object = None, version: object = 1) -> bytes:
    """A whole file in which one thing is not as it should be."""
    return archive(
        version=np.array(version),
        keys=np.array([digest((text,)) for text in TEXTS]) if keys is None else np.array(keys),
        rows=np.zeros((3, 2), np.float32) if rows is None else np.array(rows),
    )


def single(array: np.ndarray) -> bytes:
    written = io.BytesIO()
    np.save(written, array)
    return written.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"vectors", id="text"),
        pytest.param(single(np.zeros(3)), id="one-array"),
        pytest.param(archive(rows=np.zeros((3, 2), np.float32)), id="without-keys"),
        pytest.param(strange(version=0), id="older"),
        pytest.param(strange(version=2), id="newer"),
        pytest.param(strange(version=[1, 1]), id="version-of-two"),
        pytest.param(strange(rows=np.zeros(3, np.float32)), id="flat"),
        pytest.param(strange(rows=np.zeros((2, 2), np.float32)), id="fewer-rows"),
        pytest.param(strange(rows=np.float32(3)), id="one-number"),
        pytest.param(strange(rows=np.full((3, 2), np.nan, np.float32)), id="not-numbers"),
        pytest.param(strange(rows=[["a", "b"]] * 3), id="words"),
        pytest.param(strange(rows=np.zeros((3, 2))), id="other-precision"),
        pytest.param(strange(keys=[["a"], ["b"], ["c"]]), id="square-keys"),
    ],
)
def test_a_file_that_is_not_ours_is_made_again(file: Path, content: bytes):
    """Another version's, another shape's, or no archive at all: nothing of it is believed, and the next start reads."""
    file.write_bytes(content)
    assert computed(Cache(file.parent)) == list(TEXTS)
    assert computed(Cache(file.parent)) == [TEXTS[0]]


def test_vectors_that_the_encoder_would_not_give_are_made_again(file: Path):
    """A whole file of the right shape with other numbers in it is found out by the first text."""
    file.write_bytes(strange(rows=np.zeros((3, 2), np.float32)))
    assert computed(Cache(file.parent)) == [TEXTS[0], *TEXTS]


@pytest.mark.parametrize("new", [(), ("new",)])
def test_vectors_of_another_width_are_made_again(file: Path, new: tuple[str, ...]):
    """Whether or not there are new ones to stand beside them."""
    encode = Lengths(3)
    assert vectors(Cache(file.parent), "lengths", (*new, *TEXTS), encode).shape == (len(TEXTS) + len(new), 3)
    assert encode.asked[1:] == [*new, *TEXTS]


@given(st.data())
@settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_damaged_file_is_never_an_error(file: Path, data: st.DataObject):
    """Cut anywhere or changed at any byte, the right vectors come out all the same."""
    whole = file.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.none() | st.integers(0, 255))
    file.write_bytes(whole[:place] if other is None else whole[:place] + bytes([other]) + whole[place + 1 :])
    computed(Cache(file.parent))


@pytest.mark.parametrize("place", [22, 26, 28, 6, 8, 4])
def test_a_damaged_directory_of_the_archive_is_never_an_error(file: Path, place: int):
    """The fields for which Python's zip reader has errors of their own: version, flags, method, lengths."""
    whole = file.read_bytes()
    at = whole.index(b"PK\x01\x02") + place
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    computed(Cache(file.parent))


@pytest.mark.parametrize("blocked", ["file", "below-file"])
def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, blocked: str):
    """Everything is computed each time instead."""
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" if blocked == "file" else tmp_path / "file" / "folder"
    assert computed(Cache(folder)) == list(TEXTS)
    assert computed(Cache(folder)) == list(TEXTS)


def test_without_a_folder_nothing_is_kept():
    """A cache may be no cache."""
    cache = Cache()
    assert computed(cache) == list(TEXTS)
    assert computed(cache) == list(TEXTS)


def test_nothing_is_left_beside_the_files(tmp_path: Path):
    """Of each kind the latest stay, and no half-written file does."""
    cache = Cache(tmp_path)
    for number in range(MOST_FILES + 5):
        cache.save(f"weights-{number}", {"weights": np.zeros(1)})
    cache.save("vectors-x", {"rows": np.zeros(1)})
    assert len(list(tmp_path.iterdir())) == MOST_FILES + 1
    assert cache.load(f"weights-{MOST_FILES + 4}") is not None


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_texts_have_a_name_of_their_own(first: list[str], second: list[str]):
    """However texts are split or joined, two lists share a digest only when they are the same."""
    assert (digest(first) == digest(second)) == (first == second)
    assert digest(["ab", "c"]) != digest(["a", "bc"])


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What could not be written whole is taken away again."""

    def full(file: io.BufferedWriter, **_arrays: object) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    Cache(tmp_path).save("vectors-a", {"rows": np.zeros(3)})
    assert list(tmp_path.iterdir()) == []
