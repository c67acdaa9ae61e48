"""What every page has: selection and its bar, language, charts, labels and caches."""
