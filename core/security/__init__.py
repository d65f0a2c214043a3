"""Who may do what, and how secrets, passwords, tokens and uploads are handled."""
