"""The choice of what a model file is fed: a person's file, or generated numbers."""

import streamlit as st

from explorer.files.inputs import KINDS
from explorer.files.model_files import declared_inputs
from explorer.ui.frame.labels import Translate, plain
from explorer.ui.frame.language import error_text
from explorer.ui.graph_page.sources.selected_file import INPUT_UPLOADER, discard_input
from explorer.ui.inspector.file_subject import FileSubject
from models.errors import UserError
from models.text import shape_text


def input_choice(subject: FileSubject, error: UserError | None, _: Translate) -> None:
    """Draw what the model is fed, what it takes, and a field for another input. error: why the last one is refused."""
    with st.popover(_("Input"), key="graph.input"):
        generated = _("Made up: random numbers of the declared shape.")
        st.caption(generated if subject.generated else plain(subject.input_name))
        for tensor in declared_inputs(subject.graph):
            shape = shape_text(tensor.shape or ())
            st.markdown(f"**{plain(tensor.name)}** {plain(tensor.dtype)} {plain(shape)}")
        st.file_uploader(
            _("An .npy of the input, an .npz of all by name, or a picture"),
            list(KINDS),
            key=INPUT_UPLOADER + subject.id,
            max_upload_size=256,
        )
        if error is not None:
            st.error(error_text(error))
        if not subject.generated:
            st.button(_("Back to the made-up input"), key="graph.input.clear", on_click=discard_input, args=(subject,))
