"""How a message reaches everyone it is for, once: the room of copies.

Announcers ask (`plans`, `announcers`), the delivery ledger notes a copy for each place (`deliveries`, `rows`) and who
may bring which of them on (`lanes`), the `dispatcher` brings them within the limits (`pacing`), `notices` says what
stands in them and `reports` how far they are. What is true of one platform reaches all this as a value (`platform`).
"""
