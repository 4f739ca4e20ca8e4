"""How fast it is: `make bench`, each figure beside something everybody knows, in the same run."""
