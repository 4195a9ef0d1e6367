"""Business flows, one module each: orders, invoicing, stock, catalogue, connections. Storage is a port."""
