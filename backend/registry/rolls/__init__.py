"""The tax rolls as received: 家屋課税台帳・家屋補充課税台帳, and 住民税の課税台帳 (income). One file is one transaction."""
