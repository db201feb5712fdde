"""The kinds of block that a sheet is made of, a module each: what its section may say, and how it is laid out."""
