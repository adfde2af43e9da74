"""Networks with known logic, and how well each way of looking at them finds it."""
