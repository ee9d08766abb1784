"""Beyond one machine: a library on Milvus, and encoding on Ray. An extra; everything else knows only the
seam."""
