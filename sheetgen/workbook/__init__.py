"""The workbook side: templates, formulas, layout, writing and evaluating. Knows nothing of the engine."""
