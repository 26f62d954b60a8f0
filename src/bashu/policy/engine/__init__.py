"""Rules compiled to integer columns; the best choice over two catalogues. No Django, no files, no clock."""
