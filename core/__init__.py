"""The house itself: floors from errors up to the command line, each importing only what stands below."""
