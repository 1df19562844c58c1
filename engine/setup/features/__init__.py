"""Optional features: what is chosen, what they write, how they are changed later."""
