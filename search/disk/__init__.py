"""How files are written so that they outlive a crash, and who may write, read or remove them."""
