"""The command line `shouxu`. Nothing heavy is imported before a command needs it: help stays under half a second."""


def main() -> None:
    """Run the command line with the arguments of the process."""
    from core.cli.program import shouxu

    shouxu(prog_name="shouxu")
