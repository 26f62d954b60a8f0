"""System E: one consignment through both provinces' ports."""
