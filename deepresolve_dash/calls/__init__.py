"""How the commands of the command line are called; what they do is imported late."""
