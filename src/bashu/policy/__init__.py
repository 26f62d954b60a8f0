"""Rules of two governments as data: the lower of two levies, the better of two supports, exact to the fen."""
