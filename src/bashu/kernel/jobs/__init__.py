"""Long work: submitted with the caller's transaction, done by workers, watched, cancelled, taken up again after a crash."""
