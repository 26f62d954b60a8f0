"""Verifying the stored journal, row by row, in constant memory."""


