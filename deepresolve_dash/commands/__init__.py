"""What the commands of the command line do; `calls` says how they are called."""
