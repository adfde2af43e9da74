"""Networks and finished runs that are shipped, and the recipes that made them."""
