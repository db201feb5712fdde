"""What the tests use to judge a built workbook without trusting the product that built it.

What judges a workbook imports nothing of ``sheetgen``: a file is read through its zip parts and XML,
recomputed by programs of other people, and validated by validators of other people. See ``tests/README.md``
for which module does what.
"""
