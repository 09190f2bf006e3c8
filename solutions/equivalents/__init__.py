"""Right in other words: correct solutions, written differently, that must get full marks.

Each function takes the place of one function of the reference, as in `mistakes/`; its docstring says what is unusual.
"""
