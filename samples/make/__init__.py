"""Writes the samples of gc2pc and the totals that a right conversion of them must have."""
