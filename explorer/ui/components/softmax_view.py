"""Softmax as a part of a page: a row a class, whose score, power of e and probability light up together."""

from collections.abc import Sequence

from explorer.chapters.digits.softmax import SoftmaxSteps
from explorer.ui.components.component import register, translated
from models.errors import N_

WORDS: dict[str, str] = {
    "class": N_("Class"),
    "score": N_("Score x (logit)"),
    "power": N_("e to the power of x − largest x"),
    "share": N_("Probability: divided by the sum"),
    "sum": N_("Sum"),
    "sentence": N_("{name}: e^({score} − {largest}) = {power}; {power} / {total} = {share}"),
}
_table = register("softmax", html='<div class="lab"></div>', styles=("lab/softmax_table",))


def softmax_view(terms: SoftmaxSteps, names: Sequence[str], truth: int | None, *, key: str) -> None:
    """Draw ``terms``. names: of the classes. truth: place of the true class, None where nobody knows."""
    numbers = {name: getattr(terms, name).tolist() for name in ("scores", "powers", "shares")}
    _table(
        key=key,
        data={
            "words": translated(WORDS),
            "names": list(names),
            "truth": truth,
            "largest": terms.largest,
            "total": terms.total,
            **numbers,
        },
    )
