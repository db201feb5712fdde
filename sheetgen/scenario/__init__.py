"""A scenario file as untrusted input: fields, cases, prices, models, and what contradicts itself."""
