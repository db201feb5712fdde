"""The rules of ``tests.support.ooxml_lint``, one module for each subject; each rule is ``check(book) ->
list[Finding]``.
"""
