"""The translation catalogues, and ``catalogue.py`` which keeps them in step with the source."""
