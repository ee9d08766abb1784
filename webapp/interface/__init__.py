"""Which languages the pages speak, their words, and how numbers, dates and names are written."""
