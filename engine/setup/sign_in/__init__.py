"""How users sign in: the method, single sign-on, the task Change user sign-in."""
