"""Exchange of evacuees with others: a prefecture's database, their home municipalities, and what others report to us."""
