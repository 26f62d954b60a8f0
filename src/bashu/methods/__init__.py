"""Pure algorithms that more than one system uses; the rules of an engine hold here."""
