"""Review sentiment: a sentence's words, its bag of words and the verdict."""

from explorer.ui.frame.laboratory import book_page
from explorer.ui.frame.language import gettext
from explorer.ui.labs.sentiment.verdict import sentence_choice, show_verdict

_ = gettext()
book_page(
    "sentiment",
    _("Review sentiment"),
    _("Which words does the network see in a sentence, and what does it conclude?"),
    show_verdict,
    sentence_choice,
)
