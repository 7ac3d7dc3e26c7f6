"""What stands behind `./aldia`: standard library only, since it runs before anything is installed.

`commands` knows the commands, `setup` makes the house ready, `serve` runs it, `suite` tests it, `checks` inspects it.
`inside` is the one module that runs in the virtual environment. Everything it says goes to standard error, because
standard output belongs to the commands (`--json`).
"""
