"""The papers of 隐蔽工程验收."""
