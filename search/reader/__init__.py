"""The reader: a small model that reads a question and a sentence together and tells whether it answers."""
