"""``python -m gradexplorer``."""

from gradexplorer.cli import main

if __name__ == "__main__":
    main()
