"""The command line `shouxu`. Nothing heavy is imported before a command needs it: help stays under half a second."""

import gc


def main() -> None:
    """Run the command line with the arguments of the process."""
    # what a command reads at its start stays: looking through it again and again is a tenth of the time
    gc.set_threshold(100_000, 20, 100)
    from core.cli.program import shouxu

    shouxu(prog_name="shouxu")
