"""受付簿: nights away, visitors, parcels: small lists that are kept by day at the shelter's desk."""
