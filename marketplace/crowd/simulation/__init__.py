"""The simulated crowd: seeded workers who come, choose, work, tire and leave."""
