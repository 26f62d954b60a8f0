"""What a question falls back to when the shipper does not say; assumed, and every answer can be asked with other values."""

REGION = "Asia/Shanghai"  # the clock of places that are no hub
HORIZON = 90  # days of timetable that a question looks at
MOST_TEU = 10_000
HOUR_FEN = 2_000  # value of time: 20 yuan an hour for the consignment
TONNE_FEN = 8_000  # carbon price: 80 yuan a tonne of CO2e
QUOTE_MINUTES = 120  # a quote is good for so long
HOLD_MINUTES = 30  # and a hold for so long, then its space goes back
BOX_GROSS_KG = 36_000  # ISO 668:2020: greatest gross mass of a 20- or 40-foot container
REEFER_RANGE = (-40, 30)  # setpoints that refrigerated containers keep, degrees Celsius
DELAY_MINUTES = 360  # the shipper is told when the foreseen arrival moves by so much
# A departure kept its schedule when it arrived no later than so many minutes after its timetable; assumed.
TOLERANCE = {"road": 60, "rail": 120, "rail1520": 240, "river": 360, "sea": 720, "air": 60}
MOST_EVENTS = 1_000  # reports in one batch over the API
ZIP_BYTES = 32 * 1024 * 1024  # of a network sent over the web; larger ones come by the command line
