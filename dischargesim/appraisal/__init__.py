"""What options cost and are worth: unit costs, payers, years, and how sure that is."""
