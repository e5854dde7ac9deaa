"""The single table of who listens to which fact. Handlers call services; each is idempotent by key."""
