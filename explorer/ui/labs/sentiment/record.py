"""What a person sees of the chapter on the sentiment of reviews."""

from explorer.ui.labs.laboratory import Laboratory, LaboratoryView
from models.errors import N_

QUESTION = N_("Which words does the network see in a sentence, and what does it conclude?")

LABORATORY = Laboratory(
    title=N_("Review sentiment"),
    question=QUESTION,
    sample="explorer.ui.labs.sentiment.verdict:sentence_choice",
    cover="explorer.ui.labs.sentiment.coloured_sentence:cover",
    views=(
        LaboratoryView(
            "verdict",
            N_("Verdict"),
            QUESTION,
            (
                N_(
                    "jieba cuts the sentence into words. The bag of words has one place for each word of the training"
                    " reviews that stands there often enough; in it stands the word's share of the sentence. The order"
                    " of the words is lost."
                ),
                N_(
                    "A hidden layer (number of its neurons: {hidden}) and two outputs turn the bag into the"
                    " probabilities of a complaint and of praise. Words with fewer occurrences in the training reviews"
                    " than {rarest} have no place and change nothing."
                ),
                N_(
                    "Reviews that occur twice are counted once, and the vocabulary is built from the"
                    " training part only; otherwise the test would be easier than real use."
                ),
            ),
            draws="explorer.ui.labs.sentiment.verdict:show_verdict",
            settings=True,
            numbers="explorer.ui.labs.sentiment.explained_numbers:numbers",
        ),
    ),
)
