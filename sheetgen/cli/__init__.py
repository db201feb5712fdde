"""The command line: a module a group of commands, each a thin translation to the API."""
