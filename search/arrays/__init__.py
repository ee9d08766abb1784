"""What the engine computes with: typed arrays, runs of rows, tables of strings, quantised products, nearest
rows."""
