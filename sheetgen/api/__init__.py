"""What the program does, a module a task; the command line and ``import sheetgen`` call these."""
