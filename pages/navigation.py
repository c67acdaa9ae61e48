"""Streamlit's script, run anew for each session and each rerun: language, navigation and the page.

Imports nothing heavy: torch is loaded in the background while the person reads the first page.
"""

from pathlib import Path

import streamlit as st

from explorer.ui.components.page_frame import page_frame
from explorer.ui.frame import selection
from explorer.ui.frame.delivery import deliver
from explorer.ui.frame.language import choose_language, gettext
from explorer.ui.labs.chapter_page import chapter_page
from explorer.ui.start.warm_up import warm_up
from models.catalogue import chapters

TITLE = "Toushi 透视"
st.set_page_config(page_title=TITLE, layout="wide", initial_sidebar_state=240)
LOGO = Path(__file__).parents[1] / "explorer" / "ui" / "frame" / "logo.svg"
st.logo(LOGO, size="large")
_ = gettext()
selection.restore()
PAGES = (
    st.Page("start.py", title=_("Start"), url_path="start", default=True),
    *(chapter_page(chapter) for chapter in chapters()),
    st.Page("graph.py", title=_("Graph explorer"), url_path="graph"),
    st.Page("runs.py", title=_("Runs"), url_path="runs"),
)
page = st.navigation(PAGES)
st.set_page_config(page_title=f"{page.title} · {TITLE}")
selection.arrived(page.url_path)
choose_language()
page_frame(f"{page.url_path}/{selection.current().view}")
page.run()
selection.page_drawn()
warm_up()
deliver()
