"""Programme: what the two governments promised, and what is known of it."""
