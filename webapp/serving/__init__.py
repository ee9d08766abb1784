"""What stands before and after every request: hosts, limits, replies made before, clocks, the server
itself."""
