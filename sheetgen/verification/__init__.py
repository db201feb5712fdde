"""Reading a workbook back, comparing, and the verdict."""
