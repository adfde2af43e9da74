"""Who may do what: users, links, the access token, and the record of what was done."""
