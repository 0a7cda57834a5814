"""What turns a text into a vector near those of texts with a like meaning: read from files, never downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from bot.cache import NO_CACHE, Arrays, Cache
from bot.errors import EncoderError

Vectors = npt.NDArray[np.float32]

CHOICES = "wordllama, none, or onnx: and a folder"
LONGEST = 256
"""Pieces of a text that are read."""

BATCH = 64
"""Texts that an ONNX model reads at once."""

PINNED = {
    "weights/l2_supercat_256.safetensors": "64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
    "tokenizers/l2_supercat_tokenizer_config.json": "93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68",
}
"""The two files of wordllama 0.4.0.post1 that are read, with their SHA-256."""


class Encoder(Protocol):
    """A model of meaning; `name` changes with its files, and it is `slow` if its vectors are worth keeping."""

    name: str
    slow: bool

    def knows(self, word: str) -> bool:
        """Whether its vocabulary has a word in lower case, or as a name, in one piece."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row of length one for each text; zeros where it knows nothing of the text."""


def encoder(choice: str, package: str = "wordllama", cache: Cache = NO_CACHE) -> Encoder | None:
    """The encoder of this choice, or None for `none`; raises EncoderError with the way out where it cannot be read."""
    kind, _, folder = choice.partition(":")
    if choice == "none":
        return None
    if choice == "wordllama":
        return WordLlama(_package(package), cache)
    if kind == "onnx" and folder:
        return Onnx(Path(folder).expanduser())
    raise EncoderError(f"OPTOUT_ENCODER is {choice!r}. It has to be {CHOICES}.")


def available() -> bool:
    """Whether the default encoder's package is installed; it has no build for some platforms (ARM64 Linux, Alpine)."""
    return find_spec("wordllama") is not None


class WordLlama:
    """The mean of static word vectors: 256 numbers for each of 32,000 pieces of words, derived from Llama 2.

    Only two files of the package are read. Importing it would set up logging and look for a tokenizer on the network.
    The vectors are kept in the cache, from where only those of the words that are asked with are loaded.
    """

    slow = False

    def __init__(self, folder: Path, cache: Cache) -> None:
        from tokenizers import Tokenizer

        weights, tokenizer = PINNED
        self.name = f"wordllama-{PINNED[weights][:12]}"

        def vectors() -> Arrays:
            from safetensors.numpy import load as load_tensors

            return load_tensors(_pinned(folder / weights, PINNED[weights]))

        self._vectors = cache.kept(f"encoder-{self.name}", vectors)["embedding.weight"]
        self._tokenizer = Tokenizer.from_str(_pinned(folder / tokenizer, PINNED[tokenizer]).decode())
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def knows(self, word: str) -> bool:
        """Whether its vocabulary has a word in lower case, or as a name, in one piece."""
        return _whole(self._tokenizer, word, BEGIN)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row of length one for each text; zeros where it knows nothing of the text."""
        rows = np.zeros((len(texts), self._vectors.shape[1]), np.float32)
        for row, pieces in zip(rows, self._tokenizer.encode_batch(list(texts), add_special_tokens=False), strict=True):
            if pieces.ids:
                row[:] = self._vectors[pieces.ids[:LONGEST]].sum(axis=0, dtype=np.float32)
        return _of_length_one(rows)


class Onnx:
    """A sentence model in a folder of one's own: `model.onnx` (or `onnx/model.onnx`) and `tokenizer.json`."""

    slow = True

    def __init__(self, folder: Path) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EncoderError(
                f"OPTOUT_ENCODER is onnx:{folder}, but the package {error.name} is missing. Install it with "
                "pip install '.[onnx]' in the clone, or set OPTOUT_ENCODER=none."
            ) from error
        model = next((p for p in (folder / "model.onnx", folder / "onnx" / "model.onnx") if p.is_file()), None)
        digest = hashlib.sha256()
        for path in (model or folder / "model.onnx", folder / "tokenizer.json"):
            digest.update(_read(path))
        self._first_piece = _pools_first_piece(folder)
        digest.update(b"first" if self._first_piece else b"mean")
        try:
            self._session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise what they like, down to plain Exception
            raise EncoderError(
                f"The model in {folder} (OPTOUT_ENCODER) cannot be used: {str(error)[:200]} {_WAY_OUT}"
            ) from error
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()
        self._inputs = {given.name for given in self._session.get_inputs()}
        outputs = [output.name for output in self._session.get_outputs()]
        self._output = "sentence_embedding" if "sentence_embedding" in outputs else outputs[0]
        self._mark = BEGIN if any(piece.startswith(BEGIN) for piece in self._tokenizer.get_vocab()) else ""
        self.name = f"onnx-{digest.hexdigest()[:12]}"

    def knows(self, word: str) -> bool:
        """Whether its vocabulary has a word in lower case, or as a name, in one piece."""
        return _whole(self._tokenizer, word, self._mark)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """A row of length one for each text; zeros where it knows nothing of the text."""
        batches = [self._batch(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        return _of_length_one(np.concatenate(batches)) if batches else np.zeros((0, 1), np.float32)

    def _batch(self, texts: Sequence[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(list(texts))
        mask = np.array([pieces.attention_mask for pieces in encoded], np.int64)
        given = {
            "input_ids": np.array([pieces.ids for pieces in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        found = self._session.run([self._output], {k: v for k, v in given.items() if k in self._inputs})[0]
        if found.ndim == 3:  # one vector for each piece rather than one for the sentence
            shares = mask / np.maximum(mask.sum(axis=1, keepdims=True), 1)
            found = found[:, 0] if self._first_piece else np.einsum("ij,ijk->ik", shares, found)
        rows: Vectors = found.astype(np.float32)
        return rows


_WAY_OUT = "Mend it, or set OPTOUT_ENCODER=none to go on with words alone."


def _package(name: str) -> Path:
    """The folder of an installed package, found without importing it."""
    found = find_spec(name)
    if not found or not found.origin:
        raise EncoderError(
            f"OPTOUT_ENCODER is {name}, but the package {name} is not installed (it has no build for some platforms). "
            "Set OPTOUT_ENCODER=none to go on with words alone."
        )
    return Path(found.origin).parent


def _pinned(path: Path, digest: str) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != digest:
        raise EncoderError(
            f"{path} (OPTOUT_ENCODER) is damaged or of another version. Install the package again in the version that "
            "requirements.txt names, or set OPTOUT_ENCODER=none to go on with words alone."
        )
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EncoderError(f"{path} (OPTOUT_ENCODER) cannot be read: {error.strerror}. {_WAY_OUT}") from error


BEGIN = "\u2581"
"""What marks the begin of a word in vocabularies that do not mark its middle instead."""


def _whole(tokenizer: Any, word: str, mark: str) -> bool:
    """Whether a vocabulary has a word in one piece, however it is capitalized."""
    ways = (word, word.capitalize(), word.upper())
    return word.isalpha() and any(tokenizer.token_to_id(mark + way) is not None for way in ways)


def _pools_first_piece(folder: Path) -> bool:
    """Whether the model's vector is that of its first piece, as `1_Pooling/config.json` says; else it is the mean."""
    import json

    path = folder / "1_Pooling" / "config.json"
    if not path.is_file():
        return False
    try:
        pooling = json.loads(_read(path))
    except ValueError:
        pooling = None
    if not isinstance(pooling, dict):
        raise EncoderError(f"{path} (OPTOUT_ENCODER) is no JSON object. {_WAY_OUT}")
    return bool(pooling.get("pooling_mode_cls_token"))


def _of_length_one(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    result: Vectors = rows / lengths
    return result
