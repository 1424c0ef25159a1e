"""How people get in: accounts, codes, links, and the pages that ask for them."""
