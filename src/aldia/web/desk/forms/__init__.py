"""What the desk's forms ask and how their answers are read: they validate, and decide nothing."""
