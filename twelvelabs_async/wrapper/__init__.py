"""Official path of the clients with methods that send several requests."""
