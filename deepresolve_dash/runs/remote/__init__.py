"""Workers on other machines: they reach the queue over HTTP and share no disk with it."""
