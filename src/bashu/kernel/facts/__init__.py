"""Cited facts: files whose every row says where it was read and how far it can be trusted."""
