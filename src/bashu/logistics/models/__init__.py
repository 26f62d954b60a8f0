"""Records of this system; the database keeps their promises."""
