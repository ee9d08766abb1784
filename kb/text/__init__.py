"""What text is: lines and their shapes, sentences, languages, and edits that remember where they were
made."""
