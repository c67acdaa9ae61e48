"""A chapter that the product does not have, added by ``TOUSHI_CHAPTERS=tests.fourth_chapter.chapter``."""
