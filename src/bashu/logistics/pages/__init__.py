"""The web pages of this system."""
