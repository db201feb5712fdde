"""The finance reviewer's checklist for a generated workbook, as functions ``check(book) -> list[str]``.

One module a chapter of the checklist: A values, B structure, C inputs, D formulas, E checks, F print, G
accessibility, H security and provenance. A check reads the file as XML or recomputes it with IronCalc and returns
one readable line for each breach; an empty list passes. Nothing here imports ``sheetgen``.
"""
