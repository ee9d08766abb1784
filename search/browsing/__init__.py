"""What a library holds, listed: its articles, narrowed and in order, and the terms that tell what it is on."""
