"""Figures for print: the same views as on the pages, drawn on paper by the server."""
