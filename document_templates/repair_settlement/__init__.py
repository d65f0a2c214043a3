"""The papers of the monthly settlement of repairs: what each says and where its values stand."""
