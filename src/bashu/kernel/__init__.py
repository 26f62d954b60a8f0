"""What every system stands on; it knows none of them."""
