"""The screen's half of the added chapter: a view of each model, and a choice of a sample that fits both."""

from explorer.ui.labs.laboratory import Laboratory, LaboratoryView

LABORATORY = Laboratory(
    title="Sequences",
    question="Which of the letters a and b came last?",
    sample="tests.fourth_chapter.views:sample_choice",
    cover="tests.fourth_chapter.views:cover",
    views=(
        LaboratoryView(
            "word",
            "Word",
            "Which of the letters a and b came last in the word?",
            ("The network reads one letter after another and keeps a state.",),
            draws="tests.fourth_chapter.views:word",
            models=("letters",),
            settings=True,
        ),
        LaboratoryView(
            "interval",
            "Interval",
            "How near does the network come to a sine?",
            ("An interval holds any number of points.",),
            draws="tests.fourth_chapter.views:interval",
            models=("curve",),
            settings=True,
        ),
        LaboratoryView(
            "training",
            "Training",
            "What happens with other settings?",
            ("Both models are trained here.",),
            draws="explorer.ui.training.training_view:training_view",
            takes="run",
        ),
        LaboratoryView(
            "alphabet",
            "Alphabet",
            "Which letters are there?",
            ("This view needs no run.",),
            draws="tests.fourth_chapter.views:alphabet",
            takes="nothing",
        ),
    ),
)
