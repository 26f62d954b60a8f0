"""What this system reads in more than one place."""
