"""Chaos: a real stack whose processes are killed and whose services fail, audited at the end.

Nothing of it is in hitline itself: processes that are to die at a named point are started by
`deployments.chaos.mortal`, which puts the points in from outside.
"""
