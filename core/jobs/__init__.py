"""Works off the outbox: the same tasks in threads of this process or in Celery workers."""
