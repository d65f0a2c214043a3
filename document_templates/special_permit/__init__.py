"""The papers of 装修专项许可, one for each kind of permit."""
