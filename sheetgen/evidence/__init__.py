"""Published runs and figures, and what the reference engine makes of them."""
