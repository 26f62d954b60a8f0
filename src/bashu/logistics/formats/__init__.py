"""Files of networks: the documented folder of CSVs."""
