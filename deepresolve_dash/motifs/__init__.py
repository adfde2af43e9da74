"""What a channel sees: motif matrices, matching against known motifs."""
