"""A NETWORK: readers of file formats, the graph they make, its cuts, its card.

graph, operations, execute  the graph as data, what it may hold, how it is run
builder, build, check       make a graph, and make sure that it is sound
neutral                     the graph on disk
read, formats               model files into the graph
layers, cut, paths          where a network can be cut, and the head and tail of a cut
receptive_field             which bases a position sees
weights_views               filters of the first layer, weights of the last
card, corrections, predict  what a user sees, sets right, and asks for
sequences                   FASTA, one-hot, random and shuffled sequences; without torch
"""
