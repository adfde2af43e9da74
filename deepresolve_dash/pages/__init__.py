"""Screens: all Dash callbacks, and only here."""
