"""The papers of 装修: what each says and where its values stand."""
