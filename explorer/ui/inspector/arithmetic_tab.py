"""The inspector's arithmetic: one output element, the inputs and weights that enter it, and the sum step by step."""

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
from explorer.ui.frame.labels import Translate, formula
from explorer.ui.inspector.array_tiles import WIDTH
from explorer.ui.inspector.iteration_choice import chosen_values
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_

MOST_TERMS = 30  # rows of the table; the rest is one row
AXES = {4: (N_("Sample"), N_("Map"), N_("Row"), N_("Column")), 2: (N_("Sample"), N_("Number"))}
FORMAT, SHORT = "%.6g", "%.4g"  # five columns of terms must fit a third of the page


def _show(subject: GraphSubject, node: Node, _: Translate) -> None:
    """A choice of the element; its formula, windows, terms and steps, and the stored value beside the result."""
    values = chosen_values(subject, node, _)
    output = values.get(node.outputs[0]) if node.outputs else None
    work = None
    if output is not None and output.size:
        element = _element_choice(f"arithmetic.{subject.id}.{node.id}", output, _)
        work = calculate(node, values, element, dtype=_declared_type(subject, node))
    if work is None:
        st.caption(_("The arithmetic of this operation is not worked out here."))
        return
    st.markdown(formula(work.formula))
    _steps(work, _)
    if not len(work.terms):
        st.caption(_("There is nothing to combine: the input has no elements."))
        return
    _windows(work, node, _)
    _terms(work, _)


def _declared_type(subject: GraphSubject, node: Node) -> str:
    """The type that the graph declares for the node's output, '' for none: values on disk may have a wider one."""
    (*_around, own) = subject.graph.visible_from(node.body) or (subject.graph,)
    tensor = own.tensors.get(node.outputs[0])
    return "" if tensor is None or tensor.dtype == "?" else tensor.dtype


def _element_choice(key: str, output: NDArray[Any], _: Translate) -> tuple[int, ...]:
    """A number input for each axis longer than 1; the largest element until a person chooses another."""
    largest = np.unravel_index(_largest(output), output.shape)
    names = AXES.get(output.ndim, ())
    is_chosen = f"{key}.chosen"
    index: list[int] = []
    with st.container(horizontal=True, gap="small"):
        for axis, size in enumerate(output.shape):
            if size == 1:
                index.append(0)
                continue
            axis_key = f"{key}.{axis}.{size}"
            if axis_key not in st.session_state or not st.session_state.get(is_chosen):
                st.session_state[axis_key] = int(largest[axis])
            label = _(names[axis]) if names else _("Index {n}").format(n=axis)
            index.append(_axis_input(axis_key, f"{label} (0–{size - 1})", size, is_chosen))
    if st.session_state.get(is_chosen):
        label = _("Back to the largest element")
        st.button(label, key=f"{key}.largest", type="tertiary", on_click=_set, args=(is_chosen, False))
    return tuple(index)


def _axis_input(key: str, label: str, size: int, is_chosen: str) -> int:
    number = st.number_input(
        label, 0, size - 1, key=key, width=128, persist_state="session", on_change=_set, args=(is_chosen, True)
    )
    return int(number)


def _set(key: str, value: bool) -> None:
    st.session_state[key] = value


def _largest(output: NDArray[Any]) -> int:
    """The flat index of the largest number; 0 where there is nothing to compare."""
    if output.dtype.kind not in "fiub" or np.isnan(output).all():
        return 0
    return int(np.nanargmax(output))


def _steps(work: Calculation, _: Translate) -> None:
    """The steps in lines, then the result beside the value in the trace."""
    rows = [(_(step.name), step.text, step.value) for step in work.steps]
    if not work.steps:
        rows.append((_("Worked out"), "", work.result))
    rows.append((_("Stored"), "", work.stored))
    table = pd.DataFrame(rows, columns=[_("Stage"), _("Arithmetic"), _("Value")])
    number = st.column_config.NumberColumn(format=FORMAT)
    st.dataframe(table, hide_index=True, column_config={_("Value"): number})
    if work.agrees:
        st.caption(
            _("The calculated number equals the stored one within the precision of {type}.").format(type=work.dtype)
        )
    else:
        st.warning(_("The calculated number differs from the stored one."))


def _windows(work: Calculation, node: Node, _: Translate) -> None:
    """A convolution's window, kernel and products as small heat maps."""
    first = work.terms.blocks[0]
    if len(work.window) < 2 or first.right is None:
        return
    channels, *kernel = work.window
    # Window (C, k): rows of one number each. Window (C, D, H, W): depth as further channels.
    shape = (channels, 1, kernel[0]) if len(kernel) == 1 else (-1, kernel[-2], kernel[-1])
    window = np.where(first.left.padding, np.nan, first.left.values).reshape(shape)
    figure = products(
        window,
        first.right.values.reshape(shape),
        title=_("What the kernel sees, times its weights"),
        words=in_language(ProductWords),
        page=WIDTH,
        dark=is_dark(),
    )
    chart(figure, f"inspector.arithmetic.{node.id}")


def _terms(work: Calculation, _: Translate) -> None:
    """The largest terms as a table, the others as its last row."""
    top = work.largest(MOST_TERMS)
    kinds = {
        "sum": _("Terms of the sum"),
        "max": _("Candidates for the largest"),
        "min": _("Candidates for the smallest"),
        "product": _("Factors of the product"),
    }
    title = kinds[work.combine] if len(work.terms) > 1 else _("Input")
    st.markdown(f"**{title}** · {len(work.terms):,}")
    paired = any(term.right is not None for term in top.terms)
    first = work.terms[0]
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
    row = {"left": _element_text(term.left, names["left"], _), "input": term.left.value, "term": term.value}
    if term.right is not None:
        row |= {"right": _element_text(term.right, names["right"], _), "factor": term.right.value}
    return row


def _element_text(element: Element, tensor: str, _: Translate) -> str:
    """``0,0,2,3`` within the column's ``tensor``, with its name before it in any other; padding has no index."""
    if element.padding:
        return _("padding")
    index = ",".join(map(str, element.index))
    return index if element.tensor == tensor else f"{element.tensor}[{index}]"


TAB = InspectorTab(N_("Arithmetic"), _show)
