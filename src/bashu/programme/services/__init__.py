"""Every write of the scoreboard, by what is written."""
