"""Keras models, architecture and weights, as data; Keras itself is never imported.

model        the whole: layers in turn, what was assumed
config       the words of every version told in those of Keras 2
layers, convolution  what each layer does, as nodes of the graph
values       values with the order of axes that Keras means
hdf5         weight files, with nothing followed out of them
"""
