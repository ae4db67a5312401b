"""How many addresses a person lets a device scan at every pull: a number, or what stands for asset groups."""

GROUPS = 2**31 - 1
"""The ceiling that stands for: however many addresses its asset groups hold. More than any number one may confirm."""
MOST_ADDRESSES = GROUPS - 1
"""That may be confirmed by number."""
