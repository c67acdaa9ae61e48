"""The inspector's arithmetic: one output element, the inputs and weights that made it, and the sum worked out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from explorer.figures.products import ProductWords, products
from explorer.graph.graph import Node
from explorer.trace.arithmetic import Calculation, Element, Term, calculate
from explorer.ui.frame.charts import chart, in_language, is_dark
from explorer.ui.frame.labels import Translate
from explorer.ui.inspector.array_view import WIDTH
from explorer.ui.inspector.subject import GraphSubject
from models.errors import N_

MOST_TERMS = 30  # rows of the table; the rest is one row
AXES = {4: (N_("Sample"), N_("Map"), N_("Row"), N_("Column")), 2: (N_("Sample"), N_("Number"))}
FORMAT, SHORT = "%.6g", "%.4g"  # five columns of terms must fit a third of the page


def arithmetic(subject: GraphSubject, node: Node, _: Translate) -> None:
    """The tab: choose an element; its formula, its windows, its terms, the steps, and the stored value beside it."""
    values = subject.tensors()
    output = values.get(node.outputs[0]) if node.outputs else None
    found = None
    if output is not None and output.size:
        element = _element(f"arithmetic.{subject.id}.{node.id}", output, _)
        found = calculate(node, values, element)
    if found is None:
        st.caption(_("The arithmetic of this operation is not worked out here."))
        return
    st.code(found.formula, language=None)
    _steps(found, _)
    _windows(found, node, _)
    _terms(found, _)


def _element(key: str, output: NDArray[Any], _: Translate) -> tuple[int, ...]:
    """One number input for each axis; the largest element until somebody chooses another."""
    largest = np.unravel_index(_largest(output), output.shape)
    names = AXES.get(output.ndim, ())
    chosen = f"{key}.chosen"
    index: list[int] = []
    with st.container(horizontal=True, gap="small"):
        for axis, size in enumerate(output.shape):
            if size == 1:
                index.append(0)
                continue
            place = f"{key}.{axis}.{size}"
            if place not in st.session_state or not st.session_state.get(chosen):
                st.session_state[place] = int(largest[axis])
            label = _(names[axis]) if names else _("Index {n}").format(n=axis)
            index.append(
                int(
                    st.number_input(
                        f"{label} (0–{size - 1})",
                        0,
                        size - 1,
                        key=place,
                        width=128,
                        persist_state="session",
                        on_change=_choose,
                        args=(chosen, True),
                    )
                )
            )
    if st.session_state.get(chosen):
        st.button(
            _("Back to the largest element"),
            key=f"{key}.largest",
            type="tertiary",
            on_click=_choose,
            args=(chosen, False),
        )
    return tuple(index)


def _choose(key: str, chosen: bool) -> None:
    st.session_state[key] = chosen


def _largest(output: NDArray[Any]) -> int:
    """Where the largest number stands; 0 where there is nothing to compare."""
    if output.dtype.kind not in "fiub" or np.isnan(output).all():
        return 0
    return int(np.nanargmax(output))


def _steps(found: Calculation, _: Translate) -> None:
    """The work in lines, then the result beside what the trace stored."""
    rows = [(_(step.name), step.text, step.value) for step in found.steps]
    if not found.steps:
        rows.append((_("Worked out"), "", found.result))
    rows.append((_("Stored"), "", found.stored))
    frame = pd.DataFrame(rows, columns=[_("Stage"), _("Arithmetic"), _("Value")])
    number = st.column_config.NumberColumn(format=FORMAT)
    st.dataframe(frame, hide_index=True, column_config={_("Value"): number})
    if found.agrees:
        st.caption(_("The worked number is the stored one, to five decimal places."))
    else:
        st.warning(_("The worked number differs from the stored one."))


def _windows(found: Calculation, node: Node, _: Translate) -> None:
    """A convolution's window, kernel and products as small heat maps."""
    first = found.terms.blocks[0]
    if len(found.window) < 2 or first.right is None:
        return
    channels, *kernel = found.window
    # (C, k) has rows of one number each; (C, D, H, W) shows its depth as further channels.
    shape = (channels, 1, kernel[0]) if len(kernel) == 1 else (-1, kernel[-2], kernel[-1])
    seen = np.where(first.left.padding, np.nan, first.left.values).reshape(shape)
    figure = products(
        seen,
        first.right.values.reshape(shape),
        title=_("What the kernel sees, times its weights"),
        words=in_language(ProductWords),
        page=WIDTH,
        dark=is_dark(),
    )
    chart(figure, f"inspector.arithmetic.{node.id}")


def _terms(found: Calculation, _: Translate) -> None:
    """The terms that matter most as a table, the others as its last row."""
    top = found.largest(MOST_TERMS)
    kinds = {
        "sum": _("Terms of the sum"),
        "max": _("Candidates for the largest"),
        "min": _("Candidates for the smallest"),
        "product": _("Factors of the product"),
    }
    title = kinds[found.combine] if len(found.terms) > 1 else _("Input")
    st.markdown(f"**{title}** · {len(found.terms):,}")
    paired = any(term.right is not None for term in top.terms)
    first = found.terms[0]
    names = {"left": first.left.tensor, "right": first.right.tensor if first.right else ""}
    rows = [_row(term, names, _) for term in top.terms]
    if top.count:
        rows.append({"left": _("{n} others").format(n=f"{top.count:,}"), "term": top.rest})
    number = st.column_config.NumberColumn
    columns = ["left", "input", *(("right", "factor") if paired else ()), "term"]
    st.dataframe(
        pd.DataFrame(rows, columns=columns),
        hide_index=True,
        placeholder="–",
        column_config={
            **names,
            "input": number(_("Input"), format=SHORT),
            "factor": number(_("Factor"), format=SHORT),
            "term": number(_("Term"), format=SHORT),
        },
    )


def _row(term: Term, names: Mapping[str, str], _: Translate) -> dict[str, Any]:
    row = {"left": _place(term.left, names["left"], _), "input": term.left.value, "term": term.value}
    if term.right is not None:
        row |= {"right": _place(term.right, names["right"], _), "factor": term.right.value}
    return row


def _place(element: Element, tensor: str, _: Translate) -> str:
    """``0,0,2,3`` within the column's ``tensor``, with its name in any other; padding is no number of a tensor."""
    if element.padding:
        return _("padding")
    index = ",".join(map(str, element.index))
    return index if element.tensor == tensor else f"{element.tensor}[{index}]"
