"""Web pages: a tree of elements becomes blocks, and which of them are the article. Other formats come through
it, too."""
