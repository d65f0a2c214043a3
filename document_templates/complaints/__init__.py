"""Papers of 投诉受理."""
