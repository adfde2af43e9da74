"""From an ensemble of trials to numbers, without torch."""
