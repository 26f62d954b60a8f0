"""Every read of policy that more than one place needs, by what is read."""
