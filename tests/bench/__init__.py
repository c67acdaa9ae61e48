"""Speed, measured against the book's own loops and a one-line Streamlit app: ``python -m tests.bench``."""
