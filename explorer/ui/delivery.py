"""When what a page has drawn so far reaches the browser. Streamlit sends in a thread of its own, every 0.01 s."""

import time

DELIVERY_SECONDS = 0.03  # three rounds of Streamlit's sender


def deliver() -> None:
    """Let all that has been drawn so far be sent.

    Before long computing, whose thread would hold the sender up; and at the end of a run of the page: a fragment that
    runs next takes back those of its elements that have not been sent yet, and the browser, which then hears that the
    page is complete without them, drops them with what a person has entered there.
    """
    time.sleep(DELIVERY_SECONDS)
