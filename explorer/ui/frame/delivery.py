"""How a run of the page gets on with the browser: what is drawn is sent, and a newer run is given way to.

Streamlit sends in a thread of its own, every 0.01 s.
"""

import time

import streamlit as st

DELIVERY_SECONDS = 0.03  # three rounds of Streamlit's sender


def deliver() -> None:
    """Let all that has been drawn so far be sent.

    Before long computing, whose thread would hold the sender up; and at the end of a run of the page: a fragment that
    runs next takes back those of its elements that have not been sent yet, and the browser, which then hears that the
    page is complete without them, drops them with what a person has entered there.
    """
    time.sleep(DELIVERY_SECONDS)


def give_way() -> None:
    """End this run of the page here if the browser waits for a newer one; for each round of long computing.

    Streamlit looks for one whenever the session is read, so this reads something. A run for a fragment alone does not
    end this one.
    """
    st.session_state.get("delivery")
