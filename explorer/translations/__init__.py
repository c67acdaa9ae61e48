"""The texts of the product in other languages: gettext catalogues, and the tool that keeps them up to date."""
