"""Documents: Word files rendered by a compiled engine, then PDF, seal and verification.

The engine stands alone: `engine.Template.compile(data).render(context)` needs no store and no definitions.
"""
