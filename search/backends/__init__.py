"""Where a library's passages are kept and ranked: files on this machine, or a Milvus cluster."""

__all__: list[str] = []
