"""Values turned into sentences: the only prose that pages, report and command line share.

One file per theme. ``format_…`` returns a piece of text such as "94.9%", ``describe_…`` one or more sentences. Every
text is plain: escape it where it is shown (``text.escape_markdown``).
"""
