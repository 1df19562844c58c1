"""Single object sync: one object all the way from Active Directory to the tenant, told in ten steps."""
