"""Import of the visitor's pictures as a catalogue: what a source holds, each picture prepared, splits and a report."""
