"""What the program does: open, submit, gate, charge, issue, sign, void, correct.

Every act is a function whose first argument is a `Desk`: who acts, when, in which transaction, with what at hand.
Pages, API, CLI and walkthroughs call these functions and nothing below them.
"""
