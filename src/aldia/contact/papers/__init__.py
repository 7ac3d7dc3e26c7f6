"""The papers that aldia makes itself: statement of account, receipt, certificate of no debt. Never somebody's invoice."""
