"""What a generation is made of: a part a module, which alone knows its files."""
