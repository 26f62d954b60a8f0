"""Words of policy for templates."""
