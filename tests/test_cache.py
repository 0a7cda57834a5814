"""The cache: what was computed once is not computed again, and what is damaged, old or strange is never trusted."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bot import cache as cache_module
from bot.answering.encoders import Vectors
from bot.answering.vectors import vectors
from bot.cache import MOST_FILES, Cache, digest

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
    path = folder / "vectors-lengths.arrays"
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


def strange(folder: Path, *, keys: object = None, rows: object = None) -> None:
    """Puts a whole file there in which one thing is not as it should be."""
    own = [digest((text,)) for text in TEXTS] if keys is None else keys
    of_each = np.zeros((3, 2), np.float32) if rows is None else np.array(rows)
    Cache(folder).save("vectors-lengths", {"keys": np.array(own, "S32"), "rows": of_each})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"vectors", id="text"),
        pytest.param(b"optout arrays 0 00000000\n{}\n", id="older"),
        pytest.param(b"optout arrays 2 00000000\n{}\n", id="newer"),
        pytest.param(b"PK\x03\x04", id="archive"),
    ],
)
def test_a_file_of_another_kind_is_made_again(file: Path, content: bytes):
    """Another version's or no arrays at all: nothing of it is believed, and the next start reads."""
    file.write_bytes(content)
    assert computed(Cache(file.parent)) == list(TEXTS)
    assert computed(Cache(file.parent)) == [TEXTS[0]]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"rows": np.zeros(3, np.float32)}, id="flat"),
        pytest.param({"rows": np.zeros((2, 2), np.float32)}, id="fewer-rows"),
        pytest.param({"rows": np.float32(3)}, id="one-number"),
        pytest.param({"rows": np.full((3, 2), np.nan, np.float32)}, id="not-numbers"),
        pytest.param({"rows": [["a", "b"]] * 3}, id="words"),
        pytest.param({"rows": np.zeros((3, 2))}, id="other-precision"),
        pytest.param({"keys": [["a"], ["b"], ["c"]]}, id="square-keys"),
    ],
)
def test_vectors_of_another_shape_are_made_again(file: Path, given: dict[str, object]):
    """A whole file that holds something else."""
    strange(file.parent, **given)
    assert computed(Cache(file.parent)) == list(TEXTS)
    assert computed(Cache(file.parent)) == [TEXTS[0]]


def test_vectors_that_the_encoder_would_not_give_are_made_again(file: Path):
    """A whole file of the right shape with other numbers in it is found out by the first text."""
    strange(file.parent)
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


@given(
    hnp.arrays(
        st.sampled_from([np.float32, np.float16, np.int64, np.uint8, np.bool_, np.dtype("S3")]),
        hnp.array_shapes(min_dims=0, min_side=0, max_side=5),
    )
)
@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arrays_come_back_as_they_were(tmp_path: Path, array: np.ndarray):
    """Of any kind and shape, empty ones too; nobody can write to them."""
    Cache(tmp_path).save("x", {"first": array, "second": array.T})
    found = Cache(tmp_path).load("x") or {}
    for name, wanted in (("first", array), ("second", array.T)):
        assert found[name].dtype == wanted.dtype
        assert found[name].shape == wanted.shape
        assert found[name].tobytes() == wanted.tobytes()
        assert not found[name].flags.writeable or not found[name].size


def test_what_is_mapped_outlives_its_file(tmp_path: Path):
    """Replaced by another start, or taken away: who has it open goes on with what it had."""
    cache = Cache(tmp_path)
    first = cache.kept("x", lambda: {"rows": np.arange(100_000)})
    cache.save("x", {"rows": np.zeros(3)})
    next(tmp_path.iterdir()).unlink()
    assert first["rows"].sum() == sum(range(100_000))


def test_files_are_their_owners_alone(tmp_path: Path):
    """What a company wrote is in them."""
    Cache(tmp_path / "new").save("x", {"rows": np.zeros(3)})
    assert [path.stat().st_mode & 0o077 for path in (tmp_path / "new", tmp_path / "new" / "x.arrays")] == [0, 0]


def test_a_file_that_may_not_be_read_is_made_again(file: Path, monkeypatch: pytest.MonkeyPatch):
    """Another user's, or on a disk that fails: gone without."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert computed(Cache(file.parent)) == list(TEXTS)


def test_a_file_that_may_only_be_read_is_read(file: Path, monkeypatch: pytest.MonkeyPatch):
    """A cache that another user filled, or on a disk that is mounted to be read: when it was used is not noted."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("bot.cache.os.utime", refuse)
    assert computed(Cache(file.parent)) == [TEXTS[0]]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_what_is_no_file_is_not_waited_for(tmp_path: Path):
    """A pipe that nobody writes to, a device that never ends, a folder: made again."""
    path = tmp_path / "vectors-lengths.arrays"
    for place in (os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")):
        place(path)
        assert computed(Cache(tmp_path)) == list(TEXTS)
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_file_under_the_name_of_another_is_made_again(tmp_path: Path):
    """Whole as it is, what it holds was made of something else."""
    cache = Cache(tmp_path)
    cache.save("content-a", {"json": np.zeros(3)})
    (tmp_path / "content-a.arrays").rename(tmp_path / "content-b.arrays")
    assert cache.kept("content-b", lambda: {"words": np.ones(3)}).keys() == {"words"}


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


def test_what_a_killed_process_left_half_written_goes(tmp_path: Path):
    """After an hour; what another process may be writing just now stays."""
    left, begun = tmp_path / "tmpleft.part", tmp_path / "tmpbegun.part"
    left.write_bytes(b"half")
    begun.write_bytes(b"half")
    os.utime(left, (0, 0))
    Cache(tmp_path).save("vectors-a", {"rows": np.zeros(3)})
    assert {path.name for path in tmp_path.iterdir()} == {"tmpbegun.part", "vectors-a.arrays"}


@pytest.mark.parametrize("kind", ["matcher-en-**", "matcher-en-[a]", "matcher-en-a b", "matcher-en-é"])
def test_a_topic_may_be_called_anything_that_a_folder_is(tmp_path: Path, kind: str):
    """Whatever its name means elsewhere: it is kept, and the latest of it stay."""
    cache = Cache(tmp_path)
    for number in range(MOST_FILES + 2):
        cache.save(f"{kind}-{number}", {"rows": np.zeros(1)})
    assert cache.load(f"{kind}-{MOST_FILES + 1}") is not None
    assert len(list(tmp_path.iterdir())) == MOST_FILES


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_texts_have_a_name_of_their_own(first: list[str], second: list[str]):
    """However texts are split or joined, two lists share a digest only when they are the same."""
    assert (digest(first) == digest(second)) == (first == second)
    assert digest(["ab", "c"]) != digest(["a", "bc"])


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What could not be written whole is taken away again."""

    def full(file: BinaryIO, *_: object) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_module, "_lay", full)
    Cache(tmp_path).save("vectors-a", {"rows": np.zeros(3)})
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_said_once_and_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """One name that is too long, or a disk that is full for a moment, does not end all keeping."""
    cache = Cache(tmp_path)
    for name in ("x" * 300, "y" * 300, "kept"):
        cache.save(name, {"rows": np.zeros(3)})
    assert cache.load("kept") is not None
    assert [record.levelname for record in caplog.records if "not_written" in record.message] == ["WARNING"]
