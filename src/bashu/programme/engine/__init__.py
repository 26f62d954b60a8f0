"""Judging targets: pure computation on Decimals and dates."""
