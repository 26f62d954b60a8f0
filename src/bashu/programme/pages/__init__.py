"""The scoreboard's pages, by what people come for."""
