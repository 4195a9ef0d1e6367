"""The inside of the simulated Nilvera: documents, views and the rules of an account."""
