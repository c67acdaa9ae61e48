"""Between a run of the script and the browser: send what is drawn so far, stop for a newer run.

Streamlit sends in a thread of its own, every 0.01 s.
"""

import time

import streamlit as st

DELIVERY_SECONDS = 0.03  # three rounds of Streamlit's sender


def deliver() -> None:
    """Wait until Streamlit has sent everything drawn so far.

    Call it before a long computation, which would block the sender, and at the end of a run of the script: a fragment
    that runs next withdraws those of its elements that have not been sent yet, and the browser, which is then informed
    that the page is complete without them, drops them with what a person has entered there.
    """
    time.sleep(DELIVERY_SECONDS)


def give_way() -> None:
    """Stop this run of the script here if the browser has asked for a newer one; call it in each round of a long loop.

    Streamlit checks for a newer run whenever the session state is read, so this reads something. A run of a fragment
    alone does not stop this one.
    """
    st.session_state.get("delivery")
