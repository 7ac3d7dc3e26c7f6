"""How clients were treated: what they say of it, and what a supervisor finds in a fair sample of the work."""
