"""The staff's door: screens of collectors, supervisors, managers and administrators."""
