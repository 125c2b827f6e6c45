"""The parts of a report, a module each: made from stored results, as the plain values of `report.blocks`."""
