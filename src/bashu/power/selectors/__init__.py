"""Every read that more than one place needs."""
