"""One sequence through a network: its scores, the channels it turns on, the bases that matter."""
