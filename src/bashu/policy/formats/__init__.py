"""Files that rules, entities and projects come in."""
