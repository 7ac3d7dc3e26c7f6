"""Nothing leaves the machine: the message row itself is the mailbox that the desk shows."""
