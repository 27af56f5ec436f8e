"""One encoder for several threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import torch

from nlu.encoder import SharedEncoder, embed


class OneAtATime:
    """Breaks like a fast tokenizer when two threads use it."""

    def __init__(self):
        self.busy = threading.Lock()

    def encode(self, texts, **options):
        if not self.busy.acquire(blocking=False):
            raise RuntimeError("Already borrowed")
        time.sleep(0.01)
        self.busy.release()
        return torch.ones(len(texts), 2)


def test_threads_take_turns():
    shared = SharedEncoder(OneAtATime())

    with ThreadPoolExecutor(4) as pool:
        vectors = list(pool.map(lambda text: embed(shared, [text]), "abcdefgh"))

    assert [tuple(one.shape) for one in vectors] == [(1, 2)] * 8
