"""What a question falls back to when the shipper does not say; assumed, and every answer can be asked with other values."""

REGION = "Asia/Shanghai"  # the clock of places that are no hub
HORIZON = 90  # days of timetable that a question looks at
MOST_TEU = 10_000
HOUR_FEN = 2_000  # value of time: 20 yuan an hour for the consignment
TONNE_FEN = 8_000  # carbon price: 80 yuan a tonne of CO2e
