"""Insert-only entries, sealed in batches into a signed Merkle log that the other government can verify."""
