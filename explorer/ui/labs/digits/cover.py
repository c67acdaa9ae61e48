"""A digit and the feature maps of the first convolution, on the start page."""

from explorer.runs.folder import Run
from explorer.ui.components.tiles_view import Sheet, tiles_view
from explorer.ui.frame.language import gettext
from explorer.ui.frame.run_caches import opened
from explorer.ui.labs.digits.computed import stages_of

SIDE = 60  # pixels of a picture


def cover(run: Run) -> None:
    """The first test digit and what the first convolution makes of it; hovering a pixel tells its value."""
    _ = gettext()
    opened_run = opened(run, None)
    sample = opened_run.sample("")
    maps = next(stage for stage in stages_of(opened_run, sample.key)[1:] if stage.kind == "maps")
    tiles_view(
        [
            Sheet(_("The digit"), sample.inputs[0, 0].numpy()[None], paper=True, side=SIDE),
            Sheet(_("Feature maps of {layer}").format(layer=maps.titles[0]), maps.values, side=SIDE),
        ],
        key="cover_digits",
        shown=run.id,
    )
