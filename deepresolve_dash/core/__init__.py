"""The method: `ascent` needs torch, `statistics` does not; nothing is imported here."""
