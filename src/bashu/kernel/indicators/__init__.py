"""The registry through which systems offer readings to the scoreboard."""
