"""The papers of 入伙: what each says and where its values stand."""
