"""Links with other systems' books, a folder each: what is open there comes in as a load, what is paid here is written there."""
