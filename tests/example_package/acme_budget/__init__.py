"""What Acme adds to its training budgets."""
