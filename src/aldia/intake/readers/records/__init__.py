"""Files that carry records of their own: bank statements, returned payments, electronic documents.

Unlike a table they need no mapping. `reader` is the public side; `child` runs inside the fences and imports no Django.
"""
