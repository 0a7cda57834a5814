"""Encoders: read from their files alone, a like meaning is near, and a file that is missing or broken says so."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from bot.answering.encoders import PINNED, Onnx, WordLlama, encoder
from bot.answering.preparing import prepared
from bot.cache import NO_CACHE
from bot.errors import EncoderError
from bot.settings import Settings

WORDLLAMA = Path(find_spec("wordllama").origin).parent
VOCABULARY = {"[PAD]": 0, "[UNK]": 1, "cat": 2, "dog": 3, "##s": 4}
VECTORS = [[9, 9, 9], [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
DIAGONAL = 0.5**0.5


@pytest.fixture(scope="module")
def wordllama() -> WordLlama:
    return WordLlama(WORDLLAMA, NO_CACHE)


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A copy of the two files of the package, to be broken."""
    return copytree(WORDLLAMA, tmp_path / "wordllama", ignore=lambda folder, names: {n for n in names if "algo" in n})


def model(folder: Path, *, name: str = "model.onnx", sentence: bool = False) -> Path:
    """A sentence model of five words: the vectors of the pieces, and below zero their mean if it gives that too."""
    whole = numpy_helper.from_array(np.array(VECTORS, np.float32), "vectors")
    nodes = [helper.make_node("Gather", ["vectors", "input_ids"], ["last_hidden_state"])]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["n", "pieces", 3])]
    if sentence:
        nodes += [
            helper.make_node("ReduceMean", ["last_hidden_state", "axis"], ["mean"], keepdims=0),
            helper.make_node("Neg", ["mean"], ["sentence_embedding"]),
        ]
        outputs += [helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["n", 3])]
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "pieces"])
        for name in ("input_ids", "attention_mask")
    ]
    axis = numpy_helper.from_array(np.array([1], np.int64), "axis")
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, [whole, axis] if sentence else [whole])
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), folder / name)
    tokenizer = Tokenizer(WordLevel(VOCABULARY, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def pooling(folder: Path, text: str) -> Path:
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(text)
    return folder


@pytest.mark.process
def test_the_package_is_never_imported_and_no_socket_opened():
    """Only its two files are read: importing it would look for a tokenizer on the network."""
    code = (
        "import socket, sys\n"
        "def refuse(*given): raise OSError('no network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from bot.answering.encoders import encoder\n"
        "vectors = encoder('wordllama').encode(['turn it off'])\n"
        "print(vectors.shape, [m for m in sys.modules if m.partition('.')[0] == 'wordllama'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "(1, 256) []"


@pytest.mark.parametrize(
    ("text", "like", "unlike"),
    [
        ("how do I turn this off", "where can I disable it", "who wrote the article"),
        ("are my private messages read", "do they look at my chats", "when does it start"),
        ("wann beginnt es", "wann fängt es an", "wer hat den Artikel geschrieben"),
    ],
)
def test_a_like_meaning_is_nearer_than_another(wordllama: WordLlama, text: str, like: str, unlike: str):
    """Texts that share few words but a meaning come near each other."""
    asked, near, far = wordllama.encode([text, like, unlike])
    assert asked @ near > asked @ far


def test_vectors_have_length_one_and_depend_on_their_text_alone(wordllama: WordLlama):
    """A text has one vector, whatever is encoded beside it; a text without words has none."""
    rows = wordllama.encode(["turn it off", "", "a much longer text about something else entirely"])
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 1], abs=1e-5)
    assert np.array_equal(rows[0], wordllama.encode(["turn it off"])[0])
    assert wordllama.encode([]).shape == (0, 256)


def test_the_words_of_the_vocabulary_are_whole_ones(wordllama: WordLlama):
    """What the model knows in one piece is a word that exists; a piece from the middle of one is none."""
    assert [wordllama.knows(word) for word in ("private", "messages", "training", "google")] == [True] * 4
    assert not wordllama.knows("ization")
    assert not wordllama.knows("2025")


@pytest.mark.parametrize("file", PINNED)
@pytest.mark.parametrize("damage", ["missing", "cut", "other", "folder"])
def test_a_missing_or_damaged_file_is_named_with_the_way_out(damaged: Path, file: str, damage: str):
    """The error names the file, the setting and how to go on with words alone."""
    path = damaged / file
    content = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(content[:-1] if damage == "cut" else content[:-1] + b"?")
    with pytest.raises(EncoderError) as raised:
        WordLlama(damaged, NO_CACHE)
    assert [text for text in (str(path), "OPTOUT_ENCODER", "none") if text not in str(raised.value)] == []


def test_none_is_a_choice():
    """Words and letters alone need no encoder."""
    assert encoder("none") is None


@pytest.mark.parametrize("choice", ["", "wordlama", "None", "onnx", "onnx:", "wordllama:/tmp", "none:x"])
def test_an_unknown_choice_is_named_with_those_there_are(choice: str):
    """Somebody who mistypes the setting learns what it may be."""
    with pytest.raises(EncoderError) as raised:
        encoder(choice)
    named = ("OPTOUT_ENCODER", repr(choice), "wordllama", "none", "onnx:")
    assert [text for text in named if text not in str(raised.value)] == []


@pytest.mark.parametrize("name", ["model.onnx", "onnx/model.onnx"])
def test_a_folder_of_ones_own_is_pooled_by_the_mean_of_its_pieces(tmp_path: Path, name: str):
    """What fills the shorter text of a batch up counts for nothing."""
    read = encoder(f"onnx:{model(tmp_path, name=name)}")
    assert read.encode(["cat dog", "cat", "cow"]) == pytest.approx(
        np.array([[DIAGONAL, DIAGONAL, 0], [1, 0, 0], [0, 0, 0]]), abs=1e-6
    )
    assert [word for word in ("cat", "dog", "bird", "[UNK]") if read.knows(word)] == ["cat", "dog"]
    assert read.encode([]).shape[0] == 0


def test_a_model_may_be_pooled_by_its_first_piece(tmp_path: Path):
    """1_Pooling/config.json says so, as sentence-transformers writes it."""
    folder = pooling(model(tmp_path), json.dumps({"pooling_mode_cls_token": True}))
    assert Onnx(folder).encode(["cat dog", "dog"]) == pytest.approx(np.array([[1, 0, 0], [0, 1, 0]]))


def test_a_model_that_pools_by_itself_is_believed(tmp_path: Path):
    """An output called sentence_embedding is the sentence's vector."""
    assert Onnx(model(tmp_path, sentence=True)).encode(["cat", "dog"]) == pytest.approx(
        np.array([[-1, 0, 0], [0, -1, 0]])
    )


def test_more_texts_than_a_batch_come_back_in_order(tmp_path: Path):
    """Two hundred texts are read in several runs and given back as one."""
    rows = Onnx(model(tmp_path)).encode(["cat", "dog"] * 100)
    assert rows[:, 0].tolist() == [1, 0] * 100


def test_texts_longer_than_a_model_reads_are_cut(tmp_path: Path):
    """The end of an overlong text is left unread."""
    assert Onnx(model(tmp_path)).encode(["cat " * 256 + "dog " * 256])[0].tolist() == [1, 0, 0]


def test_the_name_changes_with_the_files(tmp_path: Path):
    """Vectors that another model or another pooling computed are never taken from the cache."""
    first, second = model(tmp_path / "a"), model(tmp_path / "b", sentence=True)
    third = pooling(model(tmp_path / "c"), json.dumps({"pooling_mode_cls_token": True}))
    assert len({Onnx(folder).name for folder in (first, second, third)}) == 3
    assert Onnx(first).name == Onnx(model(tmp_path / "d")).name


@pytest.mark.parametrize("part", ["model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, "", "{}", "not a model"])
def test_a_broken_folder_is_named_with_the_way_out(tmp_path: Path, part: str, content: str | None):
    """Nothing there, nothing in it, or something else."""
    path = model(tmp_path) / part
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(EncoderError) as raised:
        Onnx(tmp_path)
    assert [text for text in (str(tmp_path), "OPTOUT_ENCODER", "none") if text not in str(raised.value)] == []


def test_a_missing_folder_is_named(tmp_path: Path):
    """The path that was looked for stands in the error."""
    with pytest.raises(EncoderError, match=r"nowhere/model\.onnx \(OPTOUT_ENCODER\)"):
        encoder(f"onnx:{tmp_path / 'nowhere'}")


@pytest.mark.parametrize("text", ["", "[]", "{", '"mean"'])
def test_a_broken_pooling_is_named(tmp_path: Path, text: str):
    """The third file that is read is checked like the others."""
    with pytest.raises(EncoderError, match=r"1_Pooling.*OPTOUT_ENCODER=none"):
        Onnx(pooling(model(tmp_path), text))


def test_without_a_package_the_default_falls_back_with_one_line(small: Path, cache_folder: Path):
    """A platform for which there is no wordllama starts all the same and says so once."""
    said: list[str] = []
    knowledge = prepared(Settings(cache=cache_folder), said.append, available=lambda: False)
    assert [line for line in said if "wordllama" in line] == said[:1]
    assert "none" in said[0]
    assert "\n" not in said[0]
    assert knowledge.reads("en").rank("how do I turn it off")


def test_without_a_package_its_choice_by_name_says_what_to_do():
    """Where it is only missing, the error names the setting."""
    with pytest.raises(EncoderError, match=r"OPTOUT_ENCODER.*none"):
        encoder("wordllama", package="no_such_package")
