"""Taking results away: tables and print figures."""
