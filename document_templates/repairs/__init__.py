"""The papers of 报修: what each says and where its values stand."""
