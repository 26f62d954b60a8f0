"""Power: joint dispatch of two grids, what it is worth, and who should get how much of the gain."""
