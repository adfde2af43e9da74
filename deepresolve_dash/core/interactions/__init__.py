"""The interaction verifier: a direct test of what two groups of channels do together."""
