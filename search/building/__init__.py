"""A new generation: what is made of the library as it is, or carried over from the generation before."""
