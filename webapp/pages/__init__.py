"""What a reader sees: pages, what they show, and the pictures on them."""
