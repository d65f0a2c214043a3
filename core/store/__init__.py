"""Tables, transactions, the event chain, series of numbers, files: everything that is kept."""
