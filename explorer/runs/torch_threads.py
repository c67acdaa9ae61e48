"""torch's number of threads for the length of a block. Nothing is computed here."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import torch


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """torch with ``count`` threads in this thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def one_thread() -> AbstractContextManager[None]:
    """torch with one thread: small batches gain little from more, which wait for each other on a busy machine."""
    return torch_threads(1)
