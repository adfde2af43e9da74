"""READERS IN A CAGE: files that somebody gave us are opened in processes that may crash or hang.

ask     hand a question to a reader and wait for its answer, within limits
server  the process that reads: it has its imports, and makes a copy of itself for each question
limits  what such a copy gives up before it opens anything
"""
