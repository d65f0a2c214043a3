"""The language: frozen classes for procedures, forms, papers, fees, documents, estates; no I/O."""
