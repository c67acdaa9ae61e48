"""Streamlit's script: language, navigation and the page. Run by ``explorer/launcher.py``.

Imports nothing heavy: torch is loaded in the background while the person reads the first page.
"""

import time
from pathlib import Path

import streamlit as st

from explorer.ui import selection
from explorer.ui.language import choose_language, gettext
from explorer.ui.warm import warm_up

st.set_page_config(page_title="Toushi 透视", layout="wide", initial_sidebar_state=240)
DELIVERY_SECONDS = 0.03  # three rounds of Streamlit's sender, which sends every 0.01 s
UI = Path(__file__).parent / "ui"
st.html(UI / "style.css")
st.logo(UI / "logo.svg", size="large")
_ = gettext()
selection.restore()
PAGES = (
    st.Page("../pages/start.py", title=_("Start"), url_path="start", default=True),
    st.Page("../pages/bike.py", title=_("Bike"), url_path="bike"),
    st.Page("../pages/sentiment.py", title=_("Sentiment"), url_path="sentiment"),
    st.Page("../pages/digits.py", title=_("Digits"), url_path="digits"),
    st.Page("../pages/graph.py", title=_("Graph explorer"), url_path="graph"),
    st.Page("../pages/runs.py", title=_("Runs"), url_path="runs"),
)
page = st.navigation(PAGES)
selection.arrived(page.url_path)
choose_language()
page.run()
warm_up()
# A fragment that runs next takes back those of its elements that have not been sent yet, and the browser, which then
# hears that the page is complete without them, drops them with what a person has entered there.
time.sleep(DELIVERY_SECONDS)
