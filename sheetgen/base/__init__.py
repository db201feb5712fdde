"""What every room stands on: errors, files, numbers, units, YAML, and the inputs that there are."""
