"""Streamlit's script, run anew for each session and each act: language, navigation and the page.

Imports nothing heavy: torch is loaded in the background while the person reads the first page.
"""

from pathlib import Path

import streamlit as st

from explorer.ui.frame import selection
from explorer.ui.frame.delivery import deliver
from explorer.ui.frame.language import choose_language, gettext
from explorer.ui.frame.warm import warm_up

st.set_page_config(page_title="Toushi 透视", layout="wide", initial_sidebar_state=240)
UI = Path(__file__).parents[1] / "explorer" / "ui" / "frame"
st.html(UI / "style.css")
st.logo(UI / "logo.svg", size="large")
_ = gettext()
selection.restore()
PAGES = (
    st.Page("start.py", title=_("Start"), url_path="start", default=True),
    st.Page("bike.py", title=_("Bike"), url_path="bike"),
    st.Page("sentiment.py", title=_("Sentiment"), url_path="sentiment"),
    st.Page("digits.py", title=_("Digits"), url_path="digits"),
    st.Page("graph.py", title=_("Graph explorer"), url_path="graph"),
    st.Page("runs.py", title=_("Runs"), url_path="runs"),
)
page = st.navigation(PAGES)
selection.arrived(page.url_path)
choose_language()
page.run()
warm_up()
deliver()
