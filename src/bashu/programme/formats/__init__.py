"""Readers and writers of the programme's files."""
