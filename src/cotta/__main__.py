"""`python -m cotta` is `cotta`."""

from cotta.cli.main import main

if __name__ == "__main__":
    main()
