"""What is done with uploaded data in a worker process before they are kept."""

from pathlib import Path

from models.catalogue import model


def read_source(name: str, path: str) -> None:
    """Read the data in ``path`` as the model ``name`` would for a training. Raises UserError where it cannot."""
    book = model(name)
    book.load(book.config(), Path(path))
