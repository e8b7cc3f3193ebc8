"""Articles as files and from other sites: CSV, Markdown, WordPress and web pages in, CSV and Markdown out."""
