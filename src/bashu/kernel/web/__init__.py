"""What every page and every answer stands on: shell, components, problem+json, health, metrics."""
