"""Review sentiment: a sentence's words, its bag of words and the verdict."""

from explorer.ui.language import gettext
from explorer.ui.lens import book_page
from explorer.ui.sentiment_lens import sentence_choice, show_verdict

_ = gettext()
book_page(
    "sentiment",
    _("Review sentiment"),
    _("Which words does the network see in a sentence, and what does it conclude?"),
    show_verdict,
    sentence_choice,
)
