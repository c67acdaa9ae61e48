"""Cutting a Chinese text into words with jieba, quietly. What counts as a word is decided here and nowhere else."""

import logging
import os
import unicodedata
import warnings
from functools import lru_cache
from pathlib import Path
from typing import Any

# Full-width letters and digits as plain ones; punctuation, of any width, is dropped.
_HALF_WIDTH = {0xFEE0 + code: code for code in range(0x21, 0x7F) if chr(code).isalnum()}


def cut(text: str) -> list[str]:
    """The words of ``text`` in order, punctuation and whitespace dropped, each written as ``plain_text`` has it.

    >>> cut("书很好，很好看！")
    ['书', '很', '好', '很', '好看']
    """
    return [piece for piece in pieces(plain_text(text)) if is_word(piece)]


def plain_text(text: str) -> str:
    """``text`` without characters that have no width, and with full-width letters and digits as plain ones.

    Web pages put the former between characters, and input methods write the latter: neither changes a word.

    >>> plain_text("环\\u200b境ＧＯＯＤ１")
    '环境GOOD1'
    """
    return "".join(each for each in text if unicodedata.category(each) != "Cf").translate(_HALF_WIDTH)


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
