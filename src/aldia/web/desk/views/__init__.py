"""One module a screen; each lists its own addresses in `urls`. A view reads the request, makes one call and answers."""
