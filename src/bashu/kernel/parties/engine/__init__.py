"""The pure computations of parties."""
