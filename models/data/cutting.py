"""Cutting a Chinese text into words with jieba, quietly. What counts as a word is decided here and nowhere else."""

import logging
import os
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any


def cut(text: str) -> list[str]:
    """The words of ``text`` in order, punctuation and whitespace dropped.

    >>> cut("书很好，很好看！")
    ['书', '很', '好', '很', '好看']
    """
    return [piece for piece in pieces(text) if is_word(piece)]


def pieces(text: str) -> list[str]:
    """``text`` cut by jieba; joined again they are ``text``."""
    parts: list[str] = _tokenizer().lcut(text)
    return parts


def is_word(piece: str) -> bool:
    """A piece with a letter, a Chinese character or a digit in it; not punctuation, blanks and drawn faces."""
    return any(character.isalnum() for character in piece)


@lru_cache(maxsize=1)
def _tokenizer() -> Any:
    """jieba's default dictionary (a second without its cache), with the cache in the user's own cache folder.

    jieba would put it into the shared temporary folder, where another user of the machine could change it. A folder
    that cannot be written only means no cache.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # jieba 0.42.1 still imports pkg_resources and has unescaped strings
        import jieba

    jieba.setLogLevel(logging.CRITICAL)
    tokenizer = jieba.Tokenizer()
    try:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        folder = caches / "toushi" / f"jieba-{jieba.__version__}"
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.tmp_dir = str(folder)
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        tokenizer.tmp_dir = os.devnull  # jieba tries to write there, fails, and goes on
    tokenizer.initialize()
    return tokenizer
