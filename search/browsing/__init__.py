"""What a library holds, listed: its articles, narrowed and in order, and terms that tell what it is on."""
