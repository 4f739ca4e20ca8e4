"""Time passed: one heartbeat that asks what is due. Speaks to nobody by itself; build() hands it what sends."""
