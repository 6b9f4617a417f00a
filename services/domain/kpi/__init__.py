"""The 口径 engine, pure part: what is counted from a case, which formulas rest on it, and how figures are told.

`events` turns the facts of a case into dated events; `measures` counts events (data); `formulas` and `definitions` make
figures of counts (data); `figures` divides and rounds; `sums` checks what a report adds up.
"""
