"""Arrays and frames in, plotly figures out; nothing here computes."""
