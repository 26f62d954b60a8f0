"""Every write: one keyword-only function per command."""
