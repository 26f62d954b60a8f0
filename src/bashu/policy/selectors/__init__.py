"""Every read of policy, by what is read."""
