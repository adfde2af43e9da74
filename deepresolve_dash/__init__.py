"""DeepResolve Dash: how a trained genomic neural network decides.

networks/  a network as data: graph of operations with weights; readers; cut into head and tail
core/      the method: gradient ascent (torch) and its statistics (numpy)
motifs/    what a channel sees: logos as matrices, motif matching
probe/     one sequence through a network: scores, channels along it, which bases matter
runs/      a run: its spec, ensemble, summary and the folder that holds them
views/     pictures: pure functions of a summary and a selection
pages/     screens: every Dash callback
calls/     the command line: how commands are called; commands/ is what they do
exports/   taking results away: tables, print figures
demos/     networks and finished runs that are shipped, and the recipes that made them
"""

__version__ = "0.1.0"
