"""aldia: debt collection, from intake to learning.

The river (facts, in time)::

    files, e-invoices, API -> intake -> LEDGER <------------ payments
                                          | balances, due dates   ^
                                          v                       |
                                 strategy: facts, decide()        |
                                          |                       |
                                          v                       |
                         orders -> contact -> outcomes -----------+
                         tasks  ------------> promises, plans, disputes
                                          |
                                          v
                                 kpi reads all, writes only its own snapshots

The ladder (imports, downwards only)::

    config > web | ops > kpi > strategy > intake > payments > outcomes > contact
           > cases > ledger > parties > access > db > engine > domain
"""

__version__ = "0.1.0"
