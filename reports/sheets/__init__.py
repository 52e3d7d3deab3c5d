"""One module for each sheet: what it shows, in which columns and order, and what it says about itself."""
