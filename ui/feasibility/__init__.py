"""The parts of the Feasibility page."""
