"""Not Python."""

def procedures(:
