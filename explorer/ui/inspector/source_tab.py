"""The inspector's source: the line of Python that produced a node, and the other nodes that each line produced."""

import streamlit as st

from explorer.graph.graph import Node, SourceLine
from explorer.graph.source_lines import lines_around, nodes_by_line
from explorer.ui.frame import selection
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.inspector.subject import GraphSubject
from explorer.ui.inspector.tab import InspectorTab
from models.errors import N_

MOST_NODES_OF_A_LINE = 40  # buttons below the choice of a line
LONGEST_CODE = 60  # characters of a line in the choice


def _reason_missing(subject: GraphSubject, node: Node) -> str:
    return N_("The exporter left no source line for this node.") if node.source is None else ""


def _show(subject: GraphSubject, node: Node, _: Translate) -> None:
    source = node.source
    if source is None:
        return
    place = _("{path}, line {line}, in {function}")
    st.caption(place.format(path=plain(source.path), line=source.line, function=plain(source.function)))
    _code(source)
    _nodes_of_a_line(subject, node, source, _)


def _code(source: SourceLine) -> None:
    """The lines around the source line, which is marked; that line alone where the file is not here."""
    lines = lines_around(source)
    if not lines:
        st.code(source.code, language="python", wrap_lines=True)
        return
    width = len(str(lines[-1][0]))
    marked = [f"{'▸' if number == source.line else ' '}{number:>{width}}  {text}" for number, text in lines]
    st.code("\n".join(marked), language="python", width="stretch", wrap_lines=True)


def _nodes_of_a_line(subject: GraphSubject, node: Node, source: SourceLine, _: Translate) -> None:
    """A choice among the file's lines, and a button for each node that the line produced."""
    nodes_of = nodes_by_line(subject.graph, source.path)
    numbers = list(nodes_of)
    st.markdown(f"**{_('From a line to its nodes')}**")
    line = st.selectbox(
        _("Line of {path}").format(path=plain(source.path)),
        numbers,
        index=numbers.index(source.line),
        format_func=lambda number: _line_text(number, nodes_of[number]),
        key=f"source.line.{source.path}.{source.line}",
    )
    with st.container(horizontal=True, gap="small"):
        for target in nodes_of[line][:MOST_NODES_OF_A_LINE]:
            st.button(
                plain(" › ".join((*target.scope[-1:], target.op_type))),
                key=f"source.node.{target.id}",
                type="tertiary",
                disabled=target.id == node.id,
                on_click=selection.change,
                kwargs={"node": target.id},
            )


def _line_text(number: int, nodes: list[Node]) -> str:
    code = nodes[0].source.code if nodes[0].source else ""
    return f"{number}: {code[:LONGEST_CODE]}"


TAB = InspectorTab(N_("Source"), _show, _reason_missing)
