"""What a person sees of the chapter on bike demand."""

from explorer.ui.labs.laboratory import Laboratory, LaboratoryView
from models.errors import N_

QUESTION = N_("How well does the network predict demand in three weeks that it has never seen?")

LABORATORY = Laboratory(
    title=N_("Bike demand"),
    question=QUESTION,
    sample="explorer.ui.labs.bike.demand:hour_choice",
    cover="explorer.ui.labs.bike.demand:cover",
    views=(
        LaboratoryView(
            "demand",
            N_("Demand"),
            QUESTION,
            (
                N_(
                    "The network reads {inputs} numbers about an hour (season, weather, month, hour, weekday,"
                    " temperature …) and gives one: how many bikes are hired in it. Between them stands a hidden layer"
                    " with a sigmoid; number of its neurons: {hidden}."
                ),
                N_(
                    "It is trained on all hours but those of the last {days} days. The curve shows these days: where"
                    " the prediction leaves the real line, the network is wrong, for instance on holidays that it has"
                    " never seen."
                ),
                N_(
                    "Loss is the mean squared error of standardised counts. R² is the share of the ups and downs that"
                    " the network explains: 1 is perfect, 0 is no better than the mean."
                ),
            ),
            draws="explorer.ui.labs.bike.demand:show_demand",
            settings=True,
            numbers="explorer.ui.labs.bike.explained_numbers:numbers",
        ),
    ),
)
