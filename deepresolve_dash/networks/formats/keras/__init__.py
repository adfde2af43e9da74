"""Keras models, architecture and weights, as data; Keras itself is never imported.

model           the whole: layers in turn, inputs, heads
archive         .keras files
architecture, calls  which layers there are and what each takes, in any version
config, origin  the words of every version told in those of Keras 2; which version it is
containers, weights, hdf5  which arrays belong to which layer, with nothing followed out of the file
table           which layers are read, and by whom:
layers, convolution, merging, normalisation, activations, recurrent, attention
inputs, values  the sequence among the inputs, and values with the order of axes that Keras means
findings        what was assumed
"""
