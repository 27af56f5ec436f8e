"""Turns a message into a vector with the encoder that `nlu/export.py` exported."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from rasa.shared.exceptions import RasaException
from tokenizers import Tokenizer

STATE_DIR_VARIABLE = "AMENDS_STATE_DIR"
FILES = ("model.onnx", "tokenizer.json", "manifest.json")
BATCH = 32
MAX_CHARS = 4000
"""Far more than the encoder's tokens hold; splitting 100 kB into words would be for nothing."""


class EncoderError(RasaException):
    """The exported encoder cannot be used; the message says what to do."""


def find_encoder(configured: str) -> Path:
    """Folder of the exported encoder.

    Args:
        configured: The folder that `config.yml` names; `encoder` in the folder that the environment
            variable `AMENDS_STATE_DIR` names goes before it.

    Raises:
        EncoderError: a file is missing there.
    """
    state = os.environ.get(STATE_DIR_VARIABLE)
    folder = Path(state) / "encoder" if state else Path(configured)
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise EncoderError(
            f"sentence encoder: expected {', '.join(FILES)} in {folder.absolute()}, found no "
            f"{', '.join(missing)}. `make run` exports the encoder; or set {STATE_DIR_VARIABLE} "
            "to the state folder that holds it."
        )
    return folder


def encoder_sha256(folder: Path) -> str:
    """SHA-256 of the weights that the encoder in this folder was exported from."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return str(manifest["sha256"])


class SentenceEncoder:
    """Sentence embeddings on one thread: Rasa answers everyone from one event loop."""

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.sha256 = encoder_sha256(folder)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    @property
    def words(self) -> frozenset[str]:
        """Words that it has a token of their own for: those that it knows as they are written."""
        # A mark before a token says that a word begins (SentencePiece); "##", that none does.
        tokens = (token.removeprefix("\u2581") for token in self._tokenizer.get_vocab())
        return frozenset(token for token in tokens if token.isalpha() and len(token) > 1)

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts, each read up to the encoder's maximum length.

        Returns:
            Unit vectors, shape (texts, dimension).
        """
        # Of like length together: what is short need not be filled up to what is long.
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        found = [self._embed_batch([texts[place] for place in batch]) for batch in batches]
        return np.concatenate(found)[np.argsort(order)]

    def _embed_batch(self, texts: Sequence[str]) -> np.ndarray:
        encodings = self._tokenizer.encode_batch([text[:MAX_CHARS] for text in texts])
        inputs = {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
        }
        (vectors,) = self._session.run(["embedding"], inputs)
        return vectors
