"""The built-in procedures, one folder each; they see the house through the package shouxu only."""
