"""Estimating from recorded answers the script of a simulated crowd that behaves like them."""
