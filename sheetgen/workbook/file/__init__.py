"""A workbook as a file that may come from anybody: read strictly, in one way, and written anew without its links."""
